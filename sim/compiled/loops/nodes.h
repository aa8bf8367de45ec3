/* Stretches of departures with which people do the same; the twin is in sim/routing/hourly_nodes.py, which says what the
 * arrays are. */

#define MOST_CHANGES (1 << 12)

/* Departures of a stop are gone through once for all nodes there, which are open while `open` has a code of theirs that is
 * not negative. Without `fills` it is counted only how many stretches each node has. */
OFFERED void peakshift_nodes_stretches(
    int64_t columns, int64_t stops, int64_t nodes, const int64_t *node_ptr, const int64_t *stop_of,
    const int64_t *column_of, const int64_t *stop_ptr, const int64_t *order, const uint8_t *begins_kind,
    const double *due_s, const int64_t *first_visit, const int16_t *alight, const int16_t *change,
    const uint8_t *boards, const double *onward_s, int64_t every_vehicle, int64_t fills, int64_t *open, int64_t *place,
    int64_t *first, int64_t *last, int64_t *code) {
    for (int64_t node = 0; node < nodes; node++) open[node] = -1;
    for (int64_t group = 0; group < stops; group++) {
        int64_t begin = node_ptr[group], end = node_ptr[group + 1], stop = stop_of[begin], before = -1;
        for (int64_t at = stop_ptr[stop]; at < stop_ptr[stop + 1]; at++) {
            int64_t row = order[at];
            int begins = begins_kind[row];
            if (!begins && due_s[row] - due_s[before] == 0.0) {
                /* What holds for the first of those due at the same time holds for all. */
                before = row;
                if (fills)
                    for (int64_t node = begin; node < end; node++)
                        if (open[node] >= 0) last[place[node] - 1] = row;
                continue;
            }
            before = row;
            for (int64_t node = begin; node < end; node++) {
                int64_t cell = row * columns + column_of[node], out = alight[cell], now = -1;
                int attractive = boards[cell];
                if (every_vehicle ? onward_s[cell] < NEVER_S / 2 : attractive) {
                    int64_t how = change[(first_visit[row] + out) * columns + column_of[node]];
                    now = (out * MOST_CHANGES + how + 1) * 2 + attractive;
                }
                if (now >= 0 && (begins || now != open[node])) {
                    if (fills) first[place[node]] = row, code[place[node]] = now;
                    place[node]++;
                }
                open[node] = now;
                if (fills && now >= 0) last[place[node] - 1] = row;
            }
        }
    }
}
