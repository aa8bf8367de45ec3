/* One ride more of the search of ways by the hour; the twins are in sim/routing/profile_steps.py, which says what the
 * arrays are. */

#define NEVER_S 1e12
#define TIE_S 1e-6

/* e to the power of x, for x <= 0, by additions and products alone: its twin gives the same bits on any machine. */
static double exponential(double x) {
    static const double inverse_factorial[] = {
        1.0, 1.0, 1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0, 1.0 / 40320.0,
        1.0 / 362880.0, 1.0 / 3628800.0, 1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0};
    if (x < -700.0) return 0.0;
    double twos = floor(x * 1.4426950408889634 + 0.5);
    double rest = (x - twos * 6.93147180369123816490e-01) - twos * 1.90821492927058770002e-10;
    double sum = inverse_factorial[13];
    for (int term = 12; term >= 0; term--) sum = sum * rest + inverse_factorial[term];
    /* 2 to the power of `twos`, a normal number, by its bits. */
    uint64_t bits = (uint64_t)((int64_t)twos + 1023) << 52;
    double scale;
    memcpy(&scale, &bits, sizeof scale);
    return sum * scale;
}

OFFERED WIDE void peakshift_profile_get_out(
    int64_t visits, int64_t columns, const int64_t *visit_stop, const double *goal_s, const int64_t *edge_ptr,
    const int64_t *edge_row, const double *edge_share, const double *edge_early_s, const uint8_t *edge_none,
    const double *edge_cost_s, const double *before_s, const double *after_s, double wait_weight, double *out_s,
    int16_t *change) {
    for (int64_t visit = 0; visit < visits; visit++) {
        double *out = out_s + visit * columns;
        int16_t *how = change + visit * columns;
        memcpy(out, goal_s + visit_stop[visit] * columns, (size_t)columns * sizeof *out);
        APART
        for (int64_t column = 0; column < columns; column++) how[column] = -1;
        for (int64_t edge = edge_ptr[visit]; edge < edge_ptr[visit + 1]; edge++) {
            /* Where no vehicle comes any more a change costs NEVER_S and more, which is better than nothing. */
            if (edge_none[edge]) continue;
            int16_t number = (int16_t)(edge - edge_ptr[visit]);
            double share = edge_share[edge], early_s = wait_weight * edge_early_s[edge], cost_s = edge_cost_s[edge];
            const double *before = before_s + edge_row[edge] * columns;
            /* The departure before the first one of all is not looked at: its share is 0. */
            const double *after = share == 0.0 ? before : after_s + (edge_row[edge] - 1) * columns;
            APART
            for (int64_t column = 0; column < columns; column++) {
                double found = before[column] + share * (after[column] - before[column]) + early_s + cost_s;
                int better = found < out[column] - TIE_S;
                out[column] = better ? found : out[column];
                how[column] = better ? number : how[column];
            }
        }
    }
}

OFFERED WIDE void peakshift_profile_ride(
    int64_t trips, int64_t columns, const int64_t *trip_ptr, const int64_t *visit, const int64_t *departure,
    const uint8_t *alights, const double *arrival_s, const double *departure_s, double weight, const double *out_s,
    double *on_board_s, int16_t *place, double *onward_s, int16_t *alight) {
    for (int64_t trip = 0; trip < trips; trip++) {
        int64_t first = trip_ptr[trip], last = trip_ptr[trip + 1] - 1;
        APART
        for (int64_t column = 0; column < columns; column++) {
            on_board_s[column] = NEVER_S;
            place[column] = (int16_t)(last - first);
        }
        for (int64_t at = last; at >= first; at--) {
            if (at < last) {
                double run_s = weight * (arrival_s[visit[at + 1]] - departure_s[visit[at]]);
                double stand_s = weight * (departure_s[visit[at]] - arrival_s[visit[at]]);
                APART
                for (int64_t column = 0; column < columns; column++) on_board_s[column] += run_s;
                if (departure[at] >= 0) {
                    memcpy(onward_s + departure[at] * columns, on_board_s, (size_t)columns * sizeof *on_board_s);
                    memcpy(alight + departure[at] * columns, place, (size_t)columns * sizeof *place);
                }
                APART
                for (int64_t column = 0; column < columns; column++) on_board_s[column] += stand_s;
            }
            if (alights[at]) {
                const double *here_s = out_s + visit[at] * columns;
                int16_t here = (int16_t)(at - first);
                APART
                for (int64_t column = 0; column < columns; column++) {
                    int gets_out = here_s[column] <= on_board_s[column];
                    on_board_s[column] = gets_out ? here_s[column] : on_board_s[column];
                    place[column] = gets_out ? here : place[column];
                }
            }
        }
    }
}

/* The departures of a stop where people know when vehicles come. */
static INLINED void wait_for_known(
    int64_t first, int64_t end, int64_t columns, const double *due_s, double weight, const double *onward_s,
    double *least_s, double *before_s, double *after_s) {
    for (int64_t row = end - 1; row >= first; row--) {
        double due = weight * due_s[row];
        const double *onward = onward_s + row * columns;
        double *before = before_s + row * columns, *after = after_s + row * columns;
        APART
        for (int64_t column = 0; column < columns; column++) {
            int last = row == end - 1;
            double here_s = onward[column] + due, later_s = last ? here_s : least_s[column];
            after[column] = last ? NEVER_S : later_s - due;
            least_s[column] = here_s < later_s ? here_s : later_s;
            before[column] = least_s[column] - due;
        }
    }
}

/* What waiting and the vehicles to come cost some time earlier, at one stop. */
static INLINED void earlier(
    int64_t kinds, int64_t columns, double span_s, double weight, double known_weight, const double *restrict rate,
    double *restrict coming_s, const double *restrict slope, double *restrict cost_s, double *restrict sums) {
    double *restrict joint = sums, *restrict level_s = sums + columns, *restrict falls = sums + 2 * columns;
    double *restrict left = sums + 3 * columns;
    memset(sums, 0, (size_t)(3 * columns) * sizeof *sums);
    for (int64_t kind = 0; kind < kinds; kind++) {
        /* Nobody expects a vehicle of this kind here, and before the next one of it all of this is set anew. */
        if (rate[kind] == 0.0) continue;
        double often = rate[kind];
        double *restrict coming = coming_s + kind * columns;
        const double *restrict rises = slope + kind * columns;
        APART
        for (int64_t column = 0; column < columns; column++) {
            double worth = coming[column] < cost_s[column] ? often : 0.0;
            joint[column] += worth;
            level_s[column] += worth * coming[column];
            falls[column] += worth * rises[column];
            coming[column] -= rises[column] * span_s;
        }
    }
    /* Neighbours among destinations are mostly served by the same lines. */
    double joint_before = 0.0, left_before = 1.0;
    for (int64_t column = 0; column < columns; column++) {
        if (joint[column] != joint_before) {
            joint_before = joint[column];
            left_before = exponential(-joint_before * span_s);
        }
        left[column] = left_before;
    }
    double waited_s = known_weight * span_s;
    APART
    for (int64_t column = 0; column < columns; column++) {
        double some = joint[column] == 0.0 ? 1.0 : joint[column];
        double fall = falls[column] / some, level = (level_s[column] + weight + fall) / some;
        double went_s = level - fall * span_s + (cost_s[column] - level) * left[column];
        double stays_s = cost_s[column] + waited_s;
        cost_s[column] = joint[column] == 0.0 ? stays_s : went_s;
    }
}

/* The departures of a stop where people know some lines by their frequency. */
static INLINED void wait_by_frequency(
    int64_t first, int64_t end, int64_t kinds, int64_t columns, const double *due_s, const int64_t *kind,
    const double *rate_per_s, const double *latest_s, const int64_t *row_before, const double *per_gap, double weight,
    double known_weight, const double *onward_s, double *scratch, double *before_s, double *after_s) {
    double *coming_s = scratch, *slope = coming_s + kinds * columns, *cost_s = slope + kinds * columns;
    double *sums = cost_s + columns, *rate = sums + 4 * columns;
    for (int64_t at = 0; at < kinds * columns; at++) coming_s[at] = NEVER_S, slope[at] = 0.0;
    APART
    for (int64_t column = 0; column < columns; column++) cost_s[column] = NEVER_S;
    for (int64_t at = 0; at < kinds; at++) rate[at] = 0.0;
    for (int64_t row = end - 1; row >= first; row--) {
        const double *restrict onward = onward_s + row * columns, *restrict earlier_onward = onward_s + row_before[row] * columns;
        double *restrict before = before_s + row * columns, *restrict after = after_s + row * columns;
        double *restrict coming = coming_s + kind[row] * columns, *restrict rises = slope + kind[row] * columns;
        double latest = weight * latest_s[row], per_s = per_gap[row];
        rate[kind[row]] = rate_per_s[row];
        APART
        for (int64_t column = 0; column < columns; column++) {
            double at_most = onward[column] + latest, rise_s = onward[column] - earlier_onward[column];
            after[column] = cost_s[column];
            cost_s[column] = at_most < cost_s[column] ? at_most : cost_s[column];
            before[column] = cost_s[column];
            coming[column] = onward[column];
            /* From a vehicle that leads to the destination to one that does not there is no way in between. */
            rises[column] = (rise_s > NEVER_S / 2 || rise_s < -NEVER_S / 2 ? 0.0 : rise_s) * per_s;
        }
        if (row > first)
            earlier(kinds, columns, due_s[row] - due_s[row - 1], weight, known_weight, rate, coming_s, slope, cost_s, sums);
    }
}

OFFERED WIDE void peakshift_profile_wait(
    int64_t stops, int64_t columns, const int64_t *stop_ptr, const uint8_t *by_frequency, const int64_t *kinds,
    const double *due_s, const int64_t *kind, const double *rate_per_s, const double *latest_s,
    const int64_t *row_before, const double *per_gap, double weight, double known_weight, const double *onward_s,
    double *scratch, double *before_s, double *after_s) {
    for (int64_t stop = 0; stop < stops; stop++) {
        int64_t first = stop_ptr[stop], end = stop_ptr[stop + 1];
        if (by_frequency[stop])
            wait_by_frequency(first, end, kinds[stop], columns, due_s, kind, rate_per_s, latest_s, row_before, per_gap,
                              weight, known_weight, onward_s, scratch, before_s, after_s);
        else
            wait_for_known(first, end, columns, due_s, known_weight, onward_s, scratch, before_s, after_s);
    }
}

OFFERED WIDE void peakshift_profile_board(
    int64_t departures, int64_t columns, const int64_t *first_of_time, const double *rate_per_s,
    const double *latest_s, double weight, const double *onward_s, const double *before_s, const double *after_s,
    uint8_t *boards) {
    for (int64_t row = 0; row < departures; row++) {
        const double *onward = onward_s + row * columns, *after = after_s + row * columns;
        const double *before = before_s + first_of_time[row] * columns;
        double latest = weight * latest_s[row];
        int known = rate_per_s[row] == 0.0;
        APART
        for (int64_t column = 0; column < columns; column++)
            boards[row * columns + column] = onward[column] < NEVER_S / 2 &&
                                             onward[column] <= before[column] + latest + TIE_S &&
                                             (known || onward[column] < after[column] + TIE_S);
    }
}
