/* What windows cost people in one draw at prices of room; the twin is in sim/advisor/optimum/window_costs.py, which says
 * what the arrays are. */

typedef struct {
    int64_t steps;
    double first_s;
    const double *until_s;
    double *level_min, *before;
} Paid;

static double begins(const Paid *paid, int64_t step) { return step ? paid->until_s[step - 1] : paid->first_s; }

static int64_t step_at(const Paid *paid, double joined_s) {
    int64_t low = 0, high = paid->steps;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (paid->until_s[middle] < joined_s) low = middle + 1;
        else high = middle;
    }
    return low;
}

static double paid_up_to(const Paid *paid, double joined_s) {
    int64_t step = step_at(paid, joined_s);
    return paid->before[step] + paid->level_min[step] * (joined_s - begins(paid, step));
}

OFFERED void peakshift_foresight_windows(
    int64_t people, int64_t windows, const int64_t *group, const int64_t *ptr, const int64_t *ride,
    const double *until_s, const double *comes_s, const double *arrives_s, const double *toll_min,
    const double *first_s, const double *walk_s, const double *egress_s, const double *wish_s,
    const double *early_factor, const double *late_factor, const double *own_s, const double *start_s,
    const double *follows, const double *place, double width_s, double early_penalty, double late_penalty,
    double late_fixed_s, double wait_weight, double walk_weight, double unserved_min, int64_t give_up,
    double *level_min, double *before, int64_t *step_ride, double *cost_min, int64_t *taken) {
    double weight = wait_weight / 60.0;
    for (int64_t row = 0; row < people; row++) {
        int64_t first = ptr[group[row]], steps = ptr[group[row] + 1] - first;
        Paid paid = {steps, first_s[group[row]], until_s + first, level_min, before};
        double walked_min = walk_weight * (walk_s[row] + egress_s[row]) / 60.0;
        double least = INFINITY;
        int64_t which = -1;
        level_min[steps] = INFINITY, step_ride[steps] = -1;
        for (int64_t step = steps - 1; step >= 0; step--) {
            int64_t at = first + step;
            double late = arrives_s[at] + egress_s[row] - wish_s[row];
            double cost = at_least_zero(-late) * early_penalty * early_factor[row];
            late = at_least_zero(late);
            double fixed = late > 0.0 ? late_fixed_s : 0.0;
            cost += (late * late_penalty + fixed) * late_factor[row];
            cost = cost / 60.0 + weight * comes_s[at] + toll_min[ride[at]] + walked_min;
            if (cost < least || step == steps - 1) least = cost, which = ride[at];
            level_min[step] = least, step_ride[step] = which;
        }
        for (int64_t step = 0; step <= steps; step++) {
            double gone_s = begins(&paid, step);
            if (!give_up && steps && gone_s < until_s[first + steps - 1]) gone_s = until_s[first + steps - 1];
            double otherwise_min = unserved_min + weight * gone_s;
            if (otherwise_min < level_min[step]) level_min[step] = otherwise_min, step_ride[step] = -1;
        }
        before[0] = 0.0;
        for (int64_t step = 0; step < steps; step++)
            before[step + 1] = before[step] + level_min[step] * (begins(&paid, step + 1) - begins(&paid, step));
        double joined_s = own_s[row] + walk_s[row];
        int64_t own_step = step_at(&paid, joined_s), at = row * (windows + 1);
        double own_min = level_min[own_step] - weight * joined_s;
        cost_min[at] = own_min, taken[at] = step_ride[own_step];
        for (int64_t window = 0; window < windows; window++) {
            double starts_s = start_s[row * windows + window], goes_along = follows[row * windows + window];
            double from_s = starts_s + walk_s[row], to_s = starts_s + width_s + walk_s[row];
            double mean_min = (paid_up_to(&paid, to_s) - paid_up_to(&paid, from_s)) / (to_s - from_s);
            mean_min -= weight * (from_s + to_s) / 2.0;
            int64_t step = step_at(&paid, starts_s + place[row] * width_s + walk_s[row]);
            cost_min[at + 1 + window] = goes_along * mean_min + (1.0 - goes_along) * own_min;
            taken[at + 1 + window] = goes_along > place[row] / 2.0 ? step_ride[step] : taken[at];
        }
    }
}
