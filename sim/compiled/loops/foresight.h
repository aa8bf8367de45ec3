/* What windows cost people on some draws at prices of room, and which rides they lead to; the twin is in
 * sim/advisor/optimum/window_costs.py, which says what the arrays are. */

/* What is asked of one ride after the other lies together: the rides of a day are more than a cache holds. */
typedef struct {
    double ready_s, until_s, free_min;
    int32_t board, alight;
} Ride;

/* The queues of a draw, and room to work in: levels and rides of queues after the first by ride, of the first by step. */
typedef struct {
    const int64_t *ptr;
    const Ride *rides;
    const int64_t *next_queue, *place;
    const uint8_t *takes_all;
    const double *gone_s, *since_min;
    double early_penalty, late_penalty, late_fixed_s, wait_weight, walk_weight, transfer_min, unserved_min;
    int64_t give_up;
    double *level_min, *step_min, *before, *from_min, *to_min;
    int64_t *ride, *step_ride;
} Queues;

/* The first queue of an option: its rides are its steps, of which those from low to last have been looked at. */
typedef struct {
    int64_t start, steps, low, last;
    double first_s;
} Root;

enum { ADDRESSES = 7, ROWS_AT_ONCE = 32 };

/* Lay the arrays of a draw, whose addresses stand in a row of a table, to all that draws share. */
static void look_at(Queues *all, const int64_t *address) {
    all->ptr = (const int64_t *)(intptr_t)address[0];
    all->rides = (const Ride *)(intptr_t)address[1];
    all->next_queue = (const int64_t *)(intptr_t)address[2];
    all->place = (const int64_t *)(intptr_t)address[3];
    all->takes_all = (const uint8_t *)(intptr_t)address[4];
    all->gone_s = (const double *)(intptr_t)address[5];
    all->since_min = (const double *)(intptr_t)address[6];
}

static int64_t step_at(const Queues *all, int64_t queue, double joined_s) {
    const Ride *rides = all->rides + all->ptr[queue];
    int64_t low = 0, high = all->ptr[queue + 1] - all->ptr[queue];
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (rides[middle].until_s < joined_s) low = middle + 1;
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
    *then_min = left_behind(all, queue, all->rides[at].ready_s);
    if (next == all->ptr[queue + 1]) return 0;
    double boards = all->level_min[next] + all->transfer_min - all->wait_weight / 60.0 * all->rides[at].ready_s;
    if (*then_min < boards) return 0;
    *then_min = boards;
    return 1;
}

/* The least from each of some rides on, and the ride that it is at; both begin with that of the ride `from`. */
static void level_rides(
    const Queues *all, int64_t from, int64_t first, int64_t last, double wish_s, double early_factor,
    double late_factor, double *level_min, int64_t *ride) {
    double least = INFINITY;
    int64_t which = -1;
    for (int64_t at = last; at >= first; at--) {
        const Ride *here = all->rides + at;
        double cost;
        if (all->next_queue[at] >= 0) {
            goes_on(all, at, &cost);
        } else {
            double late = here->ready_s - wish_s;
            cost = at_least_zero(-late) * all->early_penalty * early_factor;
            late = at_least_zero(late);
            double fixed = late > 0.0 ? all->late_fixed_s : 0.0;
            cost += (late * all->late_penalty + fixed) * late_factor;
            cost = cost / 60.0;
        }
        cost += here->free_min + (all->since_min[here->alight] - all->since_min[here->board]);
        int takes = (cost < least) | (which < 0) | all->takes_all[at];
        least = takes ? cost : least;
        which = takes ? at : which;
        level_min[at - from] = least, ride[at - from] = which;
    }
}

static double begins(const Queues *all, const Root *root, int64_t step) {
    return step ? all->rides[root->start + step - 1].until_s : root->first_s;
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
        int64_t later = queue[number], joined = all->ptr[later] + step_at(all, later, from_s);
        level_rides(
            all, 0, joined, all->ptr[later + 1] - 1, wish_s, early_factor, late_factor, all->level_min, all->ride);
    }
    level_rides(
        all, root.start, root.start + root.low, root.start + root.last, wish_s, early_factor, late_factor,
        all->step_min, all->step_ride);
    if (root.steps && all->rides[root.start].until_s - 1.0 < root.first_s)
        root.first_s = all->rides[root.start].until_s - 1.0;
    int64_t taken_by_all = root.steps;
    while (taken_by_all > root.low && !all->takes_all[root.start + taken_by_all - 1]) taken_by_all--;
    for (int64_t step = root.low; step < taken_by_all && step <= root.last; step++) all->step_min[step] += walked_min;
    for (int64_t step = taken_by_all; step <= root.last; step++) {
        double gone_s = begins(all, &root, step);
        if (!all->give_up && gone_s < all->gone_s[own]) gone_s = all->gone_s[own];
        double otherwise_min = all->unserved_min + weight * gone_s;
        all->step_min[step] += walked_min;
        if (otherwise_min < all->step_min[step]) all->step_min[step] = otherwise_min, all->step_ride[step] = -1;
    }
    return root;
}

static double paid_at(const Queues *all, const Root *root, int64_t own, double joined_s) {
    int64_t step = step_at(all, own, joined_s);
    if (step == root->steps) return all->unserved_min;
    return all->step_min[step] - all->wait_weight / 60.0 * joined_s;
}

/* What is paid by all who join up to a time, who are one in each second; windows come in order of time, so that the
 * step of the one before is near. */
static double paid_up_to(const Queues *all, const Root *root, int64_t own, double joined_s, int64_t *near) {
    const Ride *rides = all->rides + root->start;
    int64_t step = *near;
    if (step && !(rides[step - 1].until_s < joined_s)) step = step_at(all, own, joined_s);
    while (step < root->steps && rides[step].until_s < joined_s) step++;
    *near = step;
    double since_s = begins(all, root, step), weight = all->wait_weight / 60.0;
    if (step == root->steps)
        return all->before[step] + all->unserved_min * (joined_s - since_s) +
            weight * (joined_s * joined_s - since_s * since_s) / 2.0;
    return all->before[step] + all->step_min[step] * (joined_s - since_s);
}

/* Means over windows, from what is paid up to where they begin and end, added to what they cost on other draws. */
WIDE static void add_means(
    int64_t windows, const double *start_s, const double *follows, const double *from_min, const double *to_min,
    double width_s, double walk_s, double weight, double own_min, double *cost_min) {
    APART
    for (int64_t window = 0; window < windows; window++) {
        double from_s = start_s[window] + walk_s, to_s = start_s[window] + width_s + walk_s;
        double mean_min = (to_min[window] - from_min[window]) / (to_s - from_s) - weight * (from_s + to_s) / 2.0;
        cost_min[window] += follows[window] * mean_min + (1.0 - follows[window]) * own_min;
    }
}

/* What each window costs and what is paid at the own moment, added to what they cost on other draws. Windows that are
 * not open cost more than any number already. */
static void add_windows(
    const Queues *all, const Root *root, int64_t own, double own_s, double walk_s, int64_t windows,
    const double *start_s, const double *follows, const uint8_t *open_to, double width_s, double *cost_min) {
    double own_min = paid_at(all, root, own, own_s + walk_s);
    all->before[root->low] = 0.0;
    for (int64_t step = root->low; step <= root->last; step++) {
        double lasts_s = begins(all, root, step + 1) - begins(all, root, step);
        all->before[step + 1] = all->before[step] + all->step_min[step] * lasts_s;
    }
    cost_min[0] += own_min;
    int64_t near = root->low;
    double reached_s = -INFINITY, reached = 0.0;
    for (int64_t window = 0; window < windows; window++) {
        all->from_min[window] = all->to_min[window] = 0.0;
        if (!open_to[window]) continue;
        double from_s = start_s[window] + walk_s, to_s = start_s[window] + width_s + walk_s;
        /* A window begins where the one before it ends, but for gaps. */
        all->from_min[window] = from_s == reached_s ? reached : paid_up_to(all, root, own, from_s, &near);
        reached_s = to_s, reached = paid_up_to(all, root, own, to_s, &near);
        all->to_min[window] = reached;
    }
    add_means(
        windows, start_s, follows, all->from_min, all->to_min, width_s, walk_s, all->wait_weight / 60.0, own_min,
        cost_min + 1);
}

#define QUEUES                                                                                                         \
    const int64_t *addresses, double early_penalty, double late_penalty, double late_fixed_s, double wait_weight,      \
        double walk_weight, double transfer_min, double unserved_min, int64_t give_up, int64_t rides, int64_t most
#define SCRATCH double *levels, int64_t *which
/* Levels of all rides, then of steps of the first queue, then what is paid before each of these, and before windows begin
 * and end; rides alike. */
#define ALL_QUEUES                                                                                                     \
    {.early_penalty = early_penalty, .late_penalty = late_penalty, .late_fixed_s = late_fixed_s,                       \
     .wait_weight = wait_weight, .walk_weight = walk_weight, .transfer_min = transfer_min,                             \
     .unserved_min = unserved_min, .give_up = give_up, .level_min = levels, .step_min = levels + rides,                \
     .before = levels + rides + most, .from_min = levels + rides + 2 * most + 1,                                       \
     .to_min = levels + rides + 2 * most + 1 + windows, .ride = which, .step_ride = which + rides}

/* Some rows of people, a few at a time on all draws, so that what their windows are is still at hand. */
OFFERED void peakshift_foresight_windows(
    QUEUES, int64_t draws, int64_t windows, const int64_t *option, const int64_t *option_ptr, const int64_t *queue,
    const double *walk_s, const double *wish_s, const double *early_factor, const double *late_factor,
    const double *earliest_s, const double *own_s, const double *start_s, const double *follows,
    const uint8_t *open_to, double width_s, int64_t begin, int64_t end, SCRATCH, double *cost_min, int64_t *chosen) {
    Queues all = ALL_QUEUES;
    for (int64_t first = begin; first < end; first += ROWS_AT_ONCE) {
        int64_t last = first + ROWS_AT_ONCE < end ? first + ROWS_AT_ONCE : end;
        double latest_s[ROWS_AT_ONCE];
        for (int64_t row = first; row < last; row++) {
            latest_s[row - first] = own_s[row];
            cost_min[row * (windows + 1)] = 0.0;
            for (int64_t at = row * windows; at < (row + 1) * windows; at++) {
                double ends_s = start_s[at] + width_s;
                cost_min[row + 1 + at] = open_to[at] ? 0.0 : INFINITY;
                if (open_to[at] && ends_s > latest_s[row - first]) latest_s[row - first] = ends_s;
            }
        }
        for (int64_t draw = 0; draw < draws; draw++) {
            look_at(&all, addresses + draw * ADDRESSES);
            for (int64_t row = first; row < last; row++) {
                int64_t before = option_ptr[option[row]], count = option_ptr[option[row] + 1] - before;
                Root root = level_option(
                    &all, count, queue + before, earliest_s[row], latest_s[row - first] + walk_s[row],
                    earliest_s[row], walk_s[row], wish_s[row], early_factor[row], late_factor[row]);
                add_windows(
                    &all, &root, queue[before + count - 1], own_s[row], walk_s[row], windows, start_s + row * windows,
                    follows + row * windows, open_to + row * windows, width_s, cost_min + row * (windows + 1));
            }
        }
        for (int64_t row = first; row < last; row++) {
            const double *costs = cost_min + row * (windows + 1);
            chosen[row] = 0;
            for (int64_t at = 1; at <= windows; at++)
                if (costs[at] < costs[chosen[row]]) chosen[row] = at;
        }
    }
}

/* Riders from each visit to the next on some draws, visits by draws. */
OFFERED void peakshift_foresight_loads(
    QUEUES, int64_t people, int64_t windows, const int64_t *option, const int64_t *option_ptr, const int64_t *queue,
    const double *walk_s, const double *wish_s, const double *early_factor, const double *late_factor,
    const double *earliest_s, const double *own_s, const double *start_s, const double *follows,
    const double *place_in_window, double width_s, int64_t begin, int64_t end, SCRATCH, const int64_t *chosen,
    int64_t visits, double *load) {
    Queues all = ALL_QUEUES;
    for (int64_t draw = begin; draw < end; draw++) {
        double *change = load + draw * visits;
        memset(change, 0, (size_t)visits * sizeof *change);
        look_at(&all, addresses + draw * ADDRESSES);
        for (int64_t row = 0; row < people; row++) {
            int64_t first = option_ptr[option[row]], count = option_ptr[option[row] + 1] - first;
            double leave_s = own_s[row], place = place_in_window[draw * people + row];
            int64_t window = row * windows + chosen[row] - 1;
            if (chosen[row] > 0 && follows[window] > place / 2.0) leave_s = start_s[window] + place * width_s;
            double joined_s = leave_s + walk_s[row];
            Root root = level_option(
                &all, count, queue + first, joined_s, joined_s, earliest_s[row], walk_s[row], wish_s[row],
                early_factor[row], late_factor[row]);
            int64_t at = root.low < root.steps ? all.step_ride[root.low] : -1;
            while (at >= 0) {
                double then_min;
                int64_t next = all.next_queue[at];
                change[all.rides[at].board] += 1.0;
                change[all.rides[at].alight] -= 1.0;
                at = next >= 0 && goes_on(&all, at, &then_min) ? all.ride[all.ptr[next] + all.place[at]] : -1;
            }
        }
        for (int64_t visit = 1; visit < visits; visit++) change[visit] += change[visit - 1];
    }
}
