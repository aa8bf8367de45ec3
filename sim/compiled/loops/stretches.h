/* Rides in the same vehicles followed together; the twins are in sim/population/stretches.py, which says what the arrays
 * are. */

/* What NumPy makes of `time // span`: the whole number below the quotient. A remainder is slow to work out; where span and
 * quotient are whole and small their products are exact, and tell on which side of a whole number the quotient lies
 * (tests/unit/test_population_stretches.py). */
static double whole_spans(double time, double span) {
    if (time >= 0.0 && time < 1e9 && span >= 1.0 && span < 1e6 && span == (double)(int64_t)span) {
        double below = (double)(int64_t)(time / span);
        if (below * span > time) return below - 1.0;
        return (below + 1.0) * span <= time ? below + 1.0 : below;
    }
    double rest = fmod(time, span), whole = (time - rest) / span;
    if (rest != 0.0 && (span < 0.0) != (rest < 0.0)) whole -= 1.0;
    double below = floor(whole);
    return whole - below > 0.5 ? below + 1.0 : below;
}

OFFERED void peakshift_stretches_hop(
    int64_t riding, int64_t starts, int64_t periods, int64_t hop, double period_s, double tick_s, const double *time_s,
    const int64_t *began, const double *took_s, const int64_t *position_point, const int64_t *served,
    const double *running_s, int64_t *stretch, int32_t *number, int64_t *before, int64_t *cell, int64_t *began_on,
    double *took_on_s, int64_t *found) {
    memset(number, 0, (size_t)(starts * periods) * sizeof *number);
    for (int64_t branch = 0; branch < riding; branch++) {
        int64_t of = stretch[branch], row = position_point[began[of] + hop] * periods;
        double period = whole_spans(time_s[branch] + took_s[of] + tick_s, period_s);
        period = period > 0.0 ? period : 0.0;
        period = period < (double)(periods - 1) ? period : (double)(periods - 1);
        stretch[branch] = of * periods + served[row + (int64_t)period];
        number[stretch[branch]] = 1;
    }
    int64_t count = 0;
    for (int64_t of = 0; of < starts; of++) {
        int32_t *mine = number + of * periods;
        for (int64_t period = 0; period < periods; period++) {
            if (!mine[period]) continue;
            mine[period] = (int32_t)count;
            before[count] = of;
            cell[count] = position_point[began[of] + hop] * periods + period;
            began_on[count] = began[of];
            took_on_s[count] = took_s[of] + running_s[cell[count]];
            count++;
        }
    }
    for (int64_t branch = 0; branch < riding; branch++) stretch[branch] = number[stretch[branch]];
    *found = count;
}

OFFERED void peakshift_stretches_sums(
    int64_t stretches, const int64_t *before, const int64_t *cell, const double *price, double *total) {
    total[0] = 0.0;
    for (int64_t at = 1; at < stretches; at++) total[at] = price[cell[at]] + total[before[at]];
}

OFFERED void peakshift_stretches_highest(
    int64_t stretches, const int64_t *before, const int64_t *cell, const double *value, double *most) {
    most[0] = 0.0;
    for (int64_t at = 1; at < stretches; at++) {
        double here = value[cell[at]] > 0.0 ? value[cell[at]] : 0.0;
        most[at] = here > most[before[at]] ? here : most[before[at]];
    }
}

OFFERED void peakshift_stretches_riders(
    int64_t hops, const int64_t *hop_ptr, const int64_t *before, const int64_t *cell, double *on, int64_t cells,
    double *riders) {
    for (int64_t hop = hops - 1; hop >= 0; hop--) {
        /* Stretches of one hop are sorted by the one before, whose riders are summed before they are added to it. */
        int64_t at = hop_ptr[hop];
        while (at < hop_ptr[hop + 1]) {
            int64_t from = before[at];
            double sum = 0.0;
            for (; at < hop_ptr[hop + 1] && before[at] == from; at++) sum += on[at];
            on[from] += sum;
        }
    }
    memset(riders, 0, (size_t)cells * sizeof *riders);
    for (int64_t at = 1; at < hop_ptr[hops]; at++) riders[cell[at]] += on[at];
}
