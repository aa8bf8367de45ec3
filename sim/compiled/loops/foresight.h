/* What windows cost people on some draws at prices of room, and which rides they lead to; the twin is in
 * sim/advisor/optimum/window_costs.py, which says what the arrays are. */

/* What is asked of one ride after the other lies together: the rides of a day are more than a cache holds. */
typedef struct {
    double ready_s, until_s, free_min;
    int32_t board, alight, next_queue, takes_all;
} Ride;

/* The queues of a draw, and room to work in: levels and rides of queues after the first by ride, of the first by step. */
typedef struct {
    const int64_t *ptr;
    const Ride *rides;
    const int64_t *place;
    const double *gone_s, *since_min;
    double early_penalty, late_penalty, late_fixed_s, wait_weight, walk_weight, transfer_min, unserved_min;
    int64_t give_up;
    double *level_min, *step_min, *paid_min;
    int64_t *ride, *step_ride;
} Queues;

/* The first queue of an option: its rides are its steps, of which those from low to last have been looked at. */
typedef struct {
    int64_t start, steps, low, last;
    double first_s;
} Root;

enum { ADDRESSES = 5, ROWS_AT_ONCE = 32 };

/* Lay the arrays of a draw, whose addresses stand in a row of a table, to all that draws share. */
static void look_at(Queues *all, const int64_t *address) {
    all->ptr = (const int64_t *)(intptr_t)address[0];
    all->rides = (const Ride *)(intptr_t)address[1];
    all->place = (const int64_t *)(intptr_t)address[2];
    all->gone_s = (const double *)(intptr_t)address[3];
    all->since_min = (const double *)(intptr_t)address[4];
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

/* The same from a step that is near, and then that one, or with none known yet if it is negative: of one draw after the
 * other vehicles come at about the same times, and a search from the middle would wait for memory at every step. */
static int64_t step_near(const Queues *all, int64_t queue, double joined_s, int64_t *near) {
    const Ride *rides = all->rides + all->ptr[queue];
    int64_t steps = all->ptr[queue + 1] - all->ptr[queue], step = *near < steps ? *near : steps;
    if (step < 0) step = step_at(all, queue, joined_s);
    while (step < steps && rides[step].until_s < joined_s) step++;
    while (step && !(rides[step - 1].until_s < joined_s)) step--;
    *near = step;
    return step;
}

static double left_behind(const Queues *all, int64_t queue, double joined_s) {
    double wait_s = all->give_up ? 0.0 : at_least_zero(all->gone_s[queue] - joined_s);
    return all->unserved_min + all->wait_weight / 60.0 * wait_s;
}

/* Whether people who come from a ride to the next queue go on, and what that costs them. */
static int goes_on(const Queues *all, int64_t at, double *then_min) {
    int64_t queue = all->rides[at].next_queue, next = all->ptr[queue] + all->place[at];
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
        if (here->next_queue >= 0) {
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
        int takes = (cost < least) | (which < 0) | here->takes_all;
        least = takes ? cost : least;
        which = takes ? at : which;
        level_min[at - from] = least, ride[at - from] = which;
    }
}

static double begins(const Queues *all, const Root *root, int64_t step) {
    return step ? all->rides[root->start + step - 1].until_s : root->first_s;
}

/* Levels of all queues of an option for those who join between two times, the first one last; there, whoever is not
 * served counts as well. `low` is the step of the first queue that is joined at the first of these times. */
static Root level_option(
    const Queues *all, int64_t count, const int64_t *queue, int64_t low, double from_s, double to_s, double earliest_s,
    double walk_s, double wish_s, double early_factor, double late_factor) {
    double weight = all->wait_weight / 60.0, walked_min = all->walk_weight * walk_s / 60.0;
    int64_t own = queue[count - 1], last = low;
    step_near(all, own, to_s, &last);
    Root root = {all->ptr[own], all->ptr[own + 1] - all->ptr[own], low, last, earliest_s - 1.0};
    /* Nobody waits beyond a ride that takes all, so that none after the first of them matters. */
    while (root.last < root.steps - 1 && !all->rides[root.start + root.last].takes_all) root.last++;
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
    while (taken_by_all > root.low && !all->rides[root.start + taken_by_all - 1].takes_all) taken_by_all--;
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

/* What is paid by whoever joins at the first of the times that an option was looked at for. */
static double paid_at(const Queues *all, const Root *root, double joined_s) {
    if (root->low == root->steps) return all->unserved_min;
    return all->step_min[root->low] - all->wait_weight / 60.0 * joined_s;
}

/* What is paid by all who join between two times, who are one in each second; windows come in order of time, so that
 * the step of the one before is near. It does not hang on which other windows are looked at. */
static double paid_between(
    const Queues *all, const Root *root, int64_t own, double from_s, double to_s, int64_t *near) {
    const Ride *rides = all->rides + root->start;
    int64_t step = step_near(all, own, from_s, near);
    double paid_min = 0.0, since_s = from_s, weight = all->wait_weight / 60.0;
    for (; step < root->steps && rides[step].until_s < to_s; step++) {
        paid_min += all->step_min[step] * (rides[step].until_s - since_s);
        since_s = rides[step].until_s;
    }
    *near = step;
    if (step == root->steps)
        return paid_min + all->unserved_min * (to_s - since_s) + weight * (to_s * to_s - since_s * since_s) / 2.0;
    return paid_min + all->step_min[step] * (to_s - since_s);
}

/* Means over windows, from what is paid in them, added to what they cost on other draws. */
WIDE static void add_means(
    int64_t windows, const double *start_s, const double *follows, const double *paid_min, double width_s, double walk_s,
    double weight, double own_min, double *cost_min) {
    APART
    for (int64_t window = 0; window < windows; window++) {
        double from_s = start_s[window] + walk_s, to_s = start_s[window] + width_s + walk_s;
        double mean_min = paid_min[window] / (to_s - from_s) - weight * (from_s + to_s) / 2.0;
        cost_min[window] += follows[window] * mean_min + (1.0 - follows[window]) * own_min;
    }
}

/* What each window costs, added to what they cost on other draws. Windows that are not open cost more than any number
 * already. */
static void add_windows(
    const Queues *all, const Root *root, int64_t own, double own_min, double walk_s, int64_t windows,
    const double *start_s, const double *follows, const uint8_t *open_to, double width_s, double *cost_min) {
    int64_t near = root->low;
    for (int64_t window = 0; window < windows; window++) {
        double from_s = start_s[window] + walk_s, to_s = start_s[window] + width_s + walk_s;
        all->paid_min[window] = open_to[window] ? paid_between(all, root, own, from_s, to_s, &near) : 0.0;
    }
    add_means(
        windows, start_s, follows, all->paid_min, width_s, walk_s, all->wait_weight / 60.0, own_min, cost_min);
}

#define QUEUES                                                                                                         \
    const int64_t *addresses, double early_penalty, double late_penalty, double late_fixed_s, double wait_weight,      \
        double walk_weight, double transfer_min, double unserved_min, int64_t give_up, int64_t rides, int64_t most
#define SCRATCH double *levels, int64_t *which
/* Levels of all rides, then of steps of the first queue, then what is paid in windows; rides alike. */
#define ALL_QUEUES                                                                                                     \
    {.early_penalty = early_penalty, .late_penalty = late_penalty, .late_fixed_s = late_fixed_s,                       \
     .wait_weight = wait_weight, .walk_weight = walk_weight, .transfer_min = transfer_min,                             \
     .unserved_min = unserved_min, .give_up = give_up, .level_min = levels, .step_min = levels + rides,                \
     .paid_min = levels + rides + most, .ride = which, .step_ride = which + rides}

/* Some rows of people, a few at a time on all draws, so that what their windows are is still at hand. Of each person
 * the windows from the first to before the last are looked at, and the own moment where they ask for it or may stay with
 * it; all else costs more than any number. */
OFFERED void peakshift_foresight_windows(
    QUEUES, int64_t draws, int64_t windows, const int64_t *option, const int64_t *option_ptr, const int64_t *queue,
    const double *walk_s, const double *wish_s, const double *early_factor, const double *late_factor,
    const double *earliest_s, const double *own_s, const double *start_s, const double *follows,
    const uint8_t *open_to, double width_s, int64_t begin, int64_t end, SCRATCH, const uint8_t *own_too,
    const int64_t *first_window, const int64_t *last_window, double *cost_min, int64_t *chosen) {
    Queues all = ALL_QUEUES;
    for (int64_t first = begin; first < end; first += ROWS_AT_ONCE) {
        int64_t last = first + ROWS_AT_ONCE < end ? first + ROWS_AT_ONCE : end;
        uint8_t needs_own[ROWS_AT_ONCE];
        int64_t from_window[ROWS_AT_ONCE], to_window[ROWS_AT_ONCE], near[ROWS_AT_ONCE], near_own[ROWS_AT_ONCE];
        for (int64_t row = first; row < last; row++) {
            double *costs = cost_min + row * (windows + 1);
            needs_own[row - first] = own_too[row];
            near[row - first] = near_own[row - first] = -1;
            from_window[row - first] = windows, to_window[row - first] = 0;
            costs[0] = own_too[row] ? 0.0 : INFINITY;
            for (int64_t window = 0; window < windows; window++) {
                int64_t at = row * windows + window;
                int counts = window >= first_window[row] && window < last_window[row] && open_to[at];
                costs[1 + window] = counts ? 0.0 : INFINITY;
                if (!counts) continue;
                if (window < from_window[row - first]) from_window[row - first] = window;
                to_window[row - first] = window + 1;
                if (follows[at] < 1.0) needs_own[row - first] = 1;
            }
        }
        for (int64_t draw = 0; draw < draws; draw++) {
            look_at(&all, addresses + draw * ADDRESSES);
            for (int64_t row = first; row < last; row++) {
                int64_t before = option_ptr[option[row]], count = option_ptr[option[row] + 1] - before;
                int64_t own = queue[before + count - 1], from = from_window[row - first];
                int64_t some = to_window[row - first] - from;
                double own_min = 0.0, joined_s = own_s[row] + walk_s[row];
                if (needs_own[row - first]) {
                    int64_t low = step_near(&all, own, joined_s, near_own + row - first);
                    Root root = level_option(
                        &all, count, queue + before, low, joined_s, joined_s, earliest_s[row], walk_s[row], wish_s[row],
                        early_factor[row], late_factor[row]);
                    own_min = paid_at(&all, &root, joined_s);
                    cost_min[row * (windows + 1)] += own_min;
                }
                if (some <= 0) continue;
                const double *start = start_s + row * windows + from;
                int64_t low = step_near(&all, own, start[0] + walk_s[row], near + row - first);
                Root root = level_option(
                    &all, count, queue + before, low, start[0] + walk_s[row], start[some - 1] + width_s + walk_s[row],
                    earliest_s[row], walk_s[row], wish_s[row], early_factor[row], late_factor[row]);
                add_windows(
                    &all, &root, own, own_min, walk_s[row], some, start, follows + row * windows + from,
                    open_to + row * windows + from, width_s, cost_min + row * (windows + 1) + 1 + from);
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
            int64_t low = step_at(&all, queue[first + count - 1], joined_s);
            Root root = level_option(
                &all, count, queue + first, low, joined_s, joined_s, earliest_s[row], walk_s[row], wish_s[row],
                early_factor[row], late_factor[row]);
            int64_t at = root.low < root.steps ? all.step_ride[root.low] : -1;
            while (at >= 0) {
                double then_min;
                int64_t next = all.rides[at].next_queue;
                change[all.rides[at].board] += 1.0;
                change[all.rides[at].alight] -= 1.0;
                at = next >= 0 && goes_on(&all, at, &then_min) ? all.ride[all.ptr[next] + all.place[at]] : -1;
            }
        }
        for (int64_t visit = 1; visit < visits; visit++) change[visit] += change[visit - 1];
    }
}
