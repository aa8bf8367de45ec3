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

typedef struct {
    int64_t branch, period;
} Passing;

/* Tell the periods apart in which the branches of one stretch go on, and put them into `apart`, rising; `number` gets the
 * place of each among them. Returns how many they are: mostly one, as one branch is left of those that boarded together. */
static int64_t periods_apart(const Passing *mine, int64_t count, int64_t periods, int64_t *number, int64_t *apart) {
    int64_t found = 0;
    if (count < periods) {
        for (int64_t of = 0; of < count; of++) number[mine[of].period] = 0;
        for (int64_t of = 0; of < count; of++) {
            int64_t own = mine[of].period, at = found;
            if (number[own]) continue;
            number[own] = 1;
            for (; at > 0 && apart[at - 1] > own; at--) apart[at] = apart[at - 1];
            apart[at] = own;
            found++;
        }
        for (int64_t at = 0; at < found; at++) number[apart[at]] = at;
        return found;
    }
    memset(number, 0, (size_t)periods * sizeof *number);
    for (int64_t of = 0; of < count; of++) number[mine[of].period] = 1;
    for (int64_t own = 0; own < periods; own++) {
        if (!number[own]) continue;
        number[own] = found;
        apart[found++] = own;
    }
    return found;
}

/* All hops of a level. `first`, `period`, `pairs`, `number` and `apart` are room to work in: as long as there are stretches
 * to a stop and one more, branches (once and twice) and periods; `stretch` is the stretch of each branch among those to the
 * same stop, at first its position; `began` and `took_s` are as long as `before` and `cell`. */
OFFERED void peakshift_stretches_follow(
    int64_t positions, int64_t hops, int64_t periods, double period_s, double tick_s, const double *time_s,
    const int64_t *riding, const int64_t *end_ptr, const int64_t *branch_of_end, const int64_t *position_point,
    const int64_t *served, const double *running_s, int64_t *stretch, int64_t *first, int64_t *period, int64_t *pairs,
    int64_t *number, int64_t *apart, int64_t *before, int64_t *cell, int64_t *began, double *took_s, int64_t *hop_ptr,
    int64_t *of_end) {
    int64_t starts = positions, from = 0, count = 1;
    Passing *mine = (Passing *)pairs;
    before[0] = cell[0] = began[0] = 0;
    took_s[0] = 0.0;
    hop_ptr[0] = count;
    for (int64_t hop = 0; hop < hops; hop++) {
        memset(first, 0, (size_t)(starts + 1) * sizeof *first);
        for (int64_t branch = 0; branch < riding[hop]; branch++) {
            int64_t of = stretch[branch], row = position_point[(hop ? began[from + of] : of) + hop] * periods;
            double passes = whole_spans(time_s[branch] + (hop ? took_s[from + of] : 0.0) + tick_s, period_s);
            passes = passes > 0.0 ? passes : 0.0;
            passes = passes < (double)(periods - 1) ? passes : (double)(periods - 1);
            period[branch] = served[row + (int64_t)passes];
            first[of]++;
        }
        for (int64_t of = 0, sum = 0; of <= starts; of++) {
            int64_t own = first[of];
            first[of] = sum;
            sum += own;
        }
        for (int64_t branch = 0; branch < riding[hop]; branch++)
            mine[first[stretch[branch]]++] = (Passing){branch, period[branch]};
        int64_t start = count;
        for (int64_t of = 0, row = 0; of < starts; row = first[of], of++) {
            if (first[of] == row) continue;
            int64_t own = hop ? began[from + of] : of, point = position_point[own + hop] * periods;
            int64_t found = periods_apart(mine + row, first[of] - row, periods, number, apart);
            for (int64_t at = row; at < first[of]; at++) stretch[mine[at].branch] = count - start + number[mine[at].period];
            for (int64_t at = 0; at < found; at++, count++) {
                before[count] = hop ? from + of : 0;
                cell[count] = point + apart[at];
                began[count] = own;
                took_s[count] = (hop ? took_s[from + of] : 0.0) + running_s[cell[count]];
            }
        }
        for (int64_t end = end_ptr[hop + 1]; end < end_ptr[hop + 2]; end++)
            of_end[end] = start + stretch[branch_of_end[end]];
        hop_ptr[hop + 1] = count;
        starts = count - start;
        from = start;
    }
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
