/* What windows cost people in one draw at prices of room, and which rides they lead to; the twin is in
 * sim/advisor/optimum/window_costs.py, which says what the arrays are. */

typedef struct {
    const int64_t *ptr, *next_queue, *place, *board, *alight;
    const double *until_s, *ready_s, *gone_s, *free_min, *since_min;
    double early_penalty, late_penalty, late_fixed_s, wait_weight, walk_weight, transfer_min, unserved_min;
    int64_t give_up;
    const uint8_t *takes_all;
    double *level_min, *before;
    int64_t *ride;
} Queues;

/* The first queue of an option: its rides are its steps, of which those from low to last have been looked at. */
typedef struct {
    int64_t start, steps, low, last;
    double first_s;
} Root;

static int64_t step_at(const Queues *all, int64_t queue, double joined_s) {
    const double *until_s = all->until_s + all->ptr[queue];
    int64_t low = 0, high = all->ptr[queue + 1] - all->ptr[queue];
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (until_s[middle] < joined_s) low = middle + 1;
        else high = middle;
    }
    return low;
}

static double left_behind(const Queues *all, int64_t queue, double joined_s) {
    double wait_s = all->give_up ? 0.0 : at_least_zero(all->gone_s[queue] - joined_s);
    return all->unserved_min + all->wait_weight / 60.0 * wait_s;
}

/* Whether people who come from a ride to the next queue go on, and what that costs them. */
static int goes_on(const Queues *all, int64_t at, double *then_min) {
    int64_t queue = all->next_queue[at], next = all->ptr[queue] + all->place[at];
    *then_min = left_behind(all, queue, all->ready_s[at]);
    if (next == all->ptr[queue + 1]) return 0;
    double boards = all->level_min[next] + all->transfer_min - all->wait_weight / 60.0 * all->ready_s[at];
    if (*then_min < boards) return 0;
    *then_min = boards;
    return 1;
}

static void level_rides(
    const Queues *all, int64_t first, int64_t last, double wish_s, double early_factor, double late_factor) {
    double least = INFINITY;
    int64_t which = -1;
    for (int64_t at = last; at >= first; at--) {
        double cost;
        if (all->next_queue[at] >= 0) {
            goes_on(all, at, &cost);
        } else {
            double late = all->ready_s[at] - wish_s;
            cost = at_least_zero(-late) * all->early_penalty * early_factor;
            late = at_least_zero(late);
            double fixed = late > 0.0 ? all->late_fixed_s : 0.0;
            cost += (late * all->late_penalty + fixed) * late_factor;
            cost = cost / 60.0;
        }
        cost += all->free_min[at] + (all->since_min[all->alight[at]] - all->since_min[all->board[at]]);
        int takes = (cost < least) | (which < 0) | all->takes_all[at];
        least = takes ? cost : least;
        which = takes ? at : which;
        all->level_min[at] = least, all->ride[at] = which;
    }
}

static double begins(const Queues *all, const Root *root, int64_t step) {
    return step ? all->until_s[root->start + step - 1] : root->first_s;
}

/* Levels of all queues of an option for those who join between two times, the first one last; there, whoever is not
 * served counts as well. */
static Root level_option(
    const Queues *all, int64_t count, const int64_t *queue, double from_s, double to_s, double earliest_s,
    double walk_s, double wish_s, double early_factor, double late_factor) {
    double weight = all->wait_weight / 60.0, walked_min = all->walk_weight * walk_s / 60.0;
    int64_t own = queue[count - 1], low = step_at(all, own, from_s);
    Root root = {
        all->ptr[own], all->ptr[own + 1] - all->ptr[own], low, to_s == from_s ? low : step_at(all, own, to_s),
        earliest_s - 1.0};
    /* Nobody waits beyond a ride that takes all, so that none after the first of them matters. */
    while (root.last < root.steps - 1 && !all->takes_all[root.start + root.last]) root.last++;
    if (root.last > root.steps - 1) root.last = root.steps - 1;
    for (int64_t number = 0; number < count - 1; number++) {
        int64_t later = queue[number];
        level_rides(
            all, all->ptr[later] + step_at(all, later, from_s), all->ptr[later + 1] - 1, wish_s, early_factor,
            late_factor);
    }
    level_rides(all, root.start + root.low, root.start + root.last, wish_s, early_factor, late_factor);
    if (root.steps && all->until_s[root.start] - 1.0 < root.first_s) root.first_s = all->until_s[root.start] - 1.0;
    int64_t taken_by_all = root.steps;
    while (taken_by_all > root.low && !all->takes_all[root.start + taken_by_all - 1]) taken_by_all--;
    for (int64_t step = root.low; step < taken_by_all && step <= root.last; step++)
        all->level_min[root.start + step] += walked_min;
    for (int64_t step = taken_by_all; step <= root.last; step++) {
        double gone_s = begins(all, &root, step);
        if (!all->give_up && gone_s < all->gone_s[own]) gone_s = all->gone_s[own];
        double otherwise_min = all->unserved_min + weight * gone_s;
        int64_t at = root.start + step;
        all->level_min[at] += walked_min;
        if (otherwise_min < all->level_min[at]) all->level_min[at] = otherwise_min, all->ride[at] = -1;
    }
    return root;
}

static double paid_at(const Queues *all, const Root *root, int64_t own, double joined_s) {
    int64_t step = step_at(all, own, joined_s);
    if (step == root->steps) return all->unserved_min;
    return all->level_min[root->start + step] - all->wait_weight / 60.0 * joined_s;
}

/* What is paid by all who join up to a time, who are one in each second; windows come in order of time, so that the
 * step of the one before is near. */
static double paid_up_to(const Queues *all, const Root *root, int64_t own, double joined_s, int64_t *near) {
    const double *until_s = all->until_s + root->start;
    int64_t step = *near;
    if (step && !(until_s[step - 1] < joined_s)) step = step_at(all, own, joined_s);
    while (step < root->steps && until_s[step] < joined_s) step++;
    *near = step;
    double since_s = begins(all, root, step), weight = all->wait_weight / 60.0;
    if (step == root->steps)
        return all->before[step] + all->unserved_min * (joined_s - since_s) +
            weight * (joined_s * joined_s - since_s * since_s) / 2.0;
    return all->before[step] + all->level_min[root->start + step] * (joined_s - since_s);
}

#define QUEUES                                                                                                         \
    const int64_t *ptr, const int64_t *next_queue, const int64_t *place, const int64_t *board, const int64_t *alight,  \
        const double *until_s, const double *ready_s, const double *gone_s, const double *free_min,                    \
        const double *since_min, double early_penalty, double late_penalty, double late_fixed_s, double wait_weight,   \
        double walk_weight, double transfer_min, double unserved_min, int64_t give_up, const uint8_t *takes_all,       \
        double *level_min, double *before, int64_t *ride
#define ALL_QUEUES                                                                                                     \
    {ptr, next_queue, place, board, alight, until_s, ready_s, gone_s, free_min, since_min, early_penalty,              \
     late_penalty, late_fixed_s, wait_weight, walk_weight, transfer_min, unserved_min, give_up, takes_all, level_min,  \
     before, ride}

OFFERED void peakshift_foresight_windows(
    QUEUES, int64_t people, int64_t windows, const int64_t *option, const int64_t *option_ptr, const int64_t *queue,
    const double *walk_s, const double *wish_s, const double *early_factor, const double *late_factor,
    const double *earliest_s, const double *own_s, const double *start_s, const double *follows,
    const uint8_t *open_to, double width_s, double *cost_min) {
    Queues all = ALL_QUEUES;
    double weight = wait_weight / 60.0;
    for (int64_t row = 0; row < people; row++) {
        int64_t first = option_ptr[option[row]], count = option_ptr[option[row] + 1] - first;
        int64_t own = queue[first + count - 1], at = row * (windows + 1);
        double latest_s = own_s[row];
        for (int64_t window = 0; window < windows; window++) {
            double ends_s = start_s[row * windows + window] + width_s;
            if (open_to[row * windows + window] && ends_s > latest_s) latest_s = ends_s;
        }
        Root root = level_option(
            &all, count, queue + first, earliest_s[row], latest_s + walk_s[row], earliest_s[row], walk_s[row],
            wish_s[row], early_factor[row], late_factor[row]);
        before[root.low] = 0.0;
        for (int64_t step = root.low; step <= root.last; step++) {
            double lasts_s = begins(&all, &root, step + 1) - begins(&all, &root, step);
            before[step + 1] = before[step] + level_min[root.start + step] * lasts_s;
        }
        double own_min = paid_at(&all, &root, own, own_s[row] + walk_s[row]);
        cost_min[at] = own_min;
        int64_t near = root.low;
        double reached_s = -INFINITY, reached = 0.0;
        for (int64_t window = 0; window < windows; window++) {
            cost_min[at + 1 + window] = INFINITY;
            if (!open_to[row * windows + window]) continue;
            double starts_s = start_s[row * windows + window], goes_along = follows[row * windows + window];
            double from_s = starts_s + walk_s[row], to_s = starts_s + width_s + walk_s[row];
            /* A window begins where the one before it ends, but for gaps. */
            double before_from = from_s == reached_s ? reached : paid_up_to(&all, &root, own, from_s, &near);
            reached_s = to_s, reached = paid_up_to(&all, &root, own, to_s, &near);
            double mean_min = (reached - before_from) / (to_s - from_s) - weight * (from_s + to_s) / 2.0;
            cost_min[at + 1 + window] = goes_along * mean_min + (1.0 - goes_along) * own_min;
        }
    }
}

OFFERED void peakshift_foresight_loads(
    QUEUES, int64_t people, const int64_t *option, const int64_t *option_ptr, const int64_t *queue,
    const double *walk_s, const double *wish_s, const double *early_factor, const double *late_factor,
    const double *earliest_s, const double *leave_s, double *change) {
    Queues all = ALL_QUEUES;
    for (int64_t row = 0; row < people; row++) {
        int64_t first = option_ptr[option[row]], count = option_ptr[option[row] + 1] - first;
        int64_t own = queue[first + count - 1];
        double joined_s = leave_s[row] + walk_s[row];
        Root root = level_option(
            &all, count, queue + first, joined_s, joined_s, earliest_s[row], walk_s[row], wish_s[row],
            early_factor[row], late_factor[row]);
        int64_t at = root.low < root.steps ? ride[root.start + root.low] : -1;
        while (at >= 0) {
            double then_min;
            change[board[at]] += 1.0;
            change[alight[at]] -= 1.0;
            at = next_queue[at] >= 0 && goes_on(&all, at, &then_min) ? ride[ptr[next_queue[at]] + place[at]] : -1;
        }
    }
}
