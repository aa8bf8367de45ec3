/* Which vehicle takes whoever joins a queue; the twins are in sim/population/boarding_search.py, which says what the
 * arrays are. */

/* Where a row is in the sorted column of all groups, which lie `apart_s` from each other. */
static double in_column(double group_s, double takes_until_s) {
    return group_s + (takes_until_s > -1.0 ? takes_until_s : -1.0);
}

/* The first row from `low` on that takes those who are at `key_s` in the column; `high` for none below it. */
static int64_t first_taking(const double *takes_until_s, double group_s, double key_s, int64_t low, int64_t high) {
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (in_column(group_s, takes_until_s[middle]) < key_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The places of one row of times, which mostly rise. */
static void places_of(
    int64_t times, const double *joined_s, const double *takes_until_s, double group_s, double end_s, int64_t first,
    int64_t end, int64_t *place) {
    int64_t found = first;
    double before_s = group_s - 2.0;
    for (int64_t at = 0; at < times; at++) {
        double key_s = group_s + (joined_s[at] < end_s ? joined_s[at] : end_s);
        found = first_taking(takes_until_s, group_s, key_s, key_s >= before_s ? found : first, end);
        before_s = key_s;
        place[at] = found;
    }
}

OFFERED void peakshift_boardings_next(
    int64_t rows, int64_t times, const int64_t *group, const double *joined_s, const int64_t *ptr,
    const double *takes_until_s, double apart_s, double end_s, int64_t *place) {
    for (int64_t row = 0; row < rows; row++)
        places_of(times, joined_s + row * times, takes_until_s, (double)group[row] * apart_s, end_s, ptr[group[row]],
                  ptr[group[row] + 1], place + row * times);
}

OFFERED void peakshift_boardings_time(
    int64_t rows, int64_t times, const int64_t *group, const double *joined_s, const int64_t *ptr,
    const double *takes_until_s, double apart_s, double end_s, const double *arrival_s, int64_t *place,
    double *found_s) {
    for (int64_t row = 0; row < rows; row++) {
        const double *joined = joined_s + row * times;
        int64_t end = ptr[group[row] + 1];
        places_of(times, joined, takes_until_s, (double)group[row] * apart_s, end_s, ptr[group[row]], end, place);
        for (int64_t at = 0; at < times; at++) {
            double comes_s = place[at] < end ? arrival_s[place[at]] : end_s;
            found_s[row * times + at] = comes_s > joined[at] ? comes_s : joined[at];
        }
    }
}

OFFERED void peakshift_boardings_sort(
    int64_t visits, int64_t groups, const int64_t *by_arrival, const int64_t *entry_ptr, const int64_t *entry_group,
    int64_t *ptr, int64_t *next, int64_t *sorted) {
    memset(ptr, 0, (size_t)(groups + 1) * sizeof *ptr);
    for (int64_t at = 0; at < visits; at++)
        for (int64_t entry = entry_ptr[by_arrival[at]]; entry < entry_ptr[by_arrival[at] + 1]; entry++)
            ptr[entry_group[entry] + 1]++;
    for (int64_t group = 0; group < groups; group++) {
        next[group] = ptr[group];
        ptr[group + 1] += ptr[group];
    }
    for (int64_t at = 0; at < visits; at++)
        for (int64_t entry = entry_ptr[by_arrival[at]]; entry < entry_ptr[by_arrival[at] + 1]; entry++)
            sorted[next[entry_group[entry]]++] = by_arrival[at];
}

OFFERED void peakshift_boardings_until(
    int64_t groups, const int64_t *ptr, const int64_t *visit, const double *visit_arrival_s,
    const double *visit_until_s, const uint8_t *visit_full, double apart_s, double end_s, double *arrival_s,
    double *until_s, double *clears_s) {
    for (int64_t group = 0; group < groups; group++) {
        double group_s = (double)group * apart_s, latest_s = 0.0, clear_s = end_s;
        for (int64_t row = ptr[group]; row < ptr[group + 1]; row++) {
            double here_s = in_column(group_s, visit_until_s[visit[row]]);
            latest_s = row == ptr[group] || here_s > latest_s ? here_s : latest_s;
            arrival_s[row] = visit_arrival_s[visit[row]];
            until_s[row] = latest_s - group_s;
        }
        for (int64_t row = ptr[group + 1] - 1; row >= ptr[group]; row--) {
            if (!visit_full[visit[row]]) clear_s = arrival_s[row];
            clears_s[row] = clear_s;
        }
    }
}
