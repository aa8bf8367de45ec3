/* What vehicles lose at traffic signals; formulas stand in sim/model/signals.py, and sim/engine/signals.py does the same. */

static double signals_lost_s(const Day *day, int64_t position, double departure_s, double needed_s) {
    const Signals *signals = &day->input->signals;
    double lost_s = 0.0;
    for (int64_t at = signals->ptr[position]; at < signals->ptr[position + 1]; at++) {
        double time_s = departure_s + round_tick(signals->share[at] * needed_s) + lost_s;
        double phase_s = fmod(time_s - signals->red_start_s[at], signals->cycle_s[at]);
        if (phase_s < 0.0) phase_s += signals->cycle_s[at];
        double free_share = 1.0, random_s = 0.0, left_s = 0.0;
        if (signals->flow[at] >= 0) {
            double step = whole_steps(time_s, signals->step_s);
            int64_t last = signals->steps - 1, column = step < (double)last ? (int64_t)step : last;
            int64_t cell = signals->flow[at] * signals->steps + (column < 0 ? 0 : column);
            free_share = signals->free_share[cell];
            random_s = signals->random_s[cell];
        }
        if (!(phase_s < signals->extension_s[at])) left_s = larger_of(signals->red_s[at] - phase_s * free_share, 0.0);
        lost_s += round_tick(left_s + random_s);
    }
    return lost_s;
}
