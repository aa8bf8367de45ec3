/* Rooms in vehicles at prices, and steps of these prices; the twins are in sim/advisor/optimum/capacity.py and
 * sim/advisor/optimum/ascent.py, which say what the arrays are. */

/* How many steps of a rising cost are below what is paid a minute; all of them where that is no number. */
static int64_t steps_below(const double *step, int64_t steps, double paid) {
    int64_t low = 0, high = steps;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (step[middle] < paid || paid != paid) low = middle + 1;
        else high = middle;
    }
    return low;
}

OFFERED void peakshift_rooms_least(
    int64_t rooms, const int64_t *kind, const double *ride_min, const int64_t *cost_ptr, const double *cost,
    const double *step, const double *price, int64_t *load, double *least_min) {
    for (int64_t room = 0; room < rooms; room++) {
        int64_t first = cost_ptr[kind[room]], steps = cost_ptr[kind[room] + 1] - first - 1;
        double paid = ride_min[room] > 0.0 ? price[room] / ride_min[room] : INFINITY;
        load[room] = steps_below(step + first, steps, paid);
        if (ride_min[room] <= 0.0 && price[room] <= 0.0) load[room] = 0;
        least_min[room] = ride_min[room] * cost[first + load[room]] - price[room] * (double)load[room];
    }
}

/* `newest` is as long as `mean`, and holds directions of groups, then how far their prices move. */
OFFERED void peakshift_prices_step(
    int64_t rooms, int64_t levels, const int64_t *group, const int64_t *group_ptr, const int64_t *size,
    const double *least, const double *price, const double *slope, double step_min, double newest_weight,
    double *mean, double *square, double *newest, double *moved, double *next) {
    for (int64_t room = 0; room < rooms; room++) {
        next[room] = price[room] <= least[room] && slope[room] < 0.0 ? 0.0 : slope[room];
        moved[room] = 0.0;
    }
    memset(newest, 0, (size_t)group_ptr[levels] * sizeof *newest);
    for (int64_t level = 0; level < levels; level++) {
        const int64_t *mine = group + level * rooms;
        double *of_groups = newest + group_ptr[level];
        for (int64_t room = 0; room < rooms; room++) of_groups[mine[room]] += next[room];
    }
    for (int64_t at = 0; at < group_ptr[levels]; at++) {
        double direction = newest[at] / (double)size[at];
        mean[at] = (1.0 - newest_weight) * mean[at] + newest_weight * direction;
        square[at] += direction * direction;
        newest[at] = step_min * mean[at] / sqrt(square[at]);
    }
    for (int64_t level = 0; level < levels; level++) {
        const int64_t *mine = group + level * rooms;
        const double *of_groups = newest + group_ptr[level];
        for (int64_t room = 0; room < rooms; room++) moved[room] += of_groups[mine[room]];
    }
    for (int64_t room = 0; room < rooms; room++) {
        double found = price[room] + moved[room];
        next[room] = found >= least[room] || found != found ? found : least[room];
    }
}
