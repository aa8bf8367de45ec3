/* What windows cost people, and who is moved to which of them; the twins are in sim/population/windows.py and
 * sim/advisor/assignment/moves.py, which say what the arrays are. */

static double at_least_zero(double value) { return value > 0.0 || value != value ? value : 0.0; }

OFFERED void peakshift_windows_anywhere(
    int64_t rows, int64_t columns, int64_t places, const int64_t *case_of, const double *middle_s,
    const int64_t *first, const double *shift_s, const double *travel_min, const double *preferred_s,
    const double *early_factor, const double *late_factor, double early_penalty, double late_penalty,
    double late_fixed_s, double *mean_min) {
    for (int64_t row = 0; row < rows; row++) {
        double wish = preferred_s[row], early = early_factor[row], late_too = late_factor[row];
        for (int64_t at = row * columns; at < (row + 1) * columns; at++) {
            int64_t own = case_of[at];
            const double *shift = shift_s + first[own] * places;
            double middle = middle_s[own], total = 0.0;
            for (int64_t place = 0; place < places; place++) {
                double late = middle + shift[place] - wish;
                /* What is not above 0 adds nothing to the other: one of both is all. */
                double cost = late > 0.0 ? (late * late_penalty + late_fixed_s) * late_too : -late * early_penalty * early;
                total += cost / 60.0;
            }
            mean_min[at] = total / (double)places + travel_min[own];
        }
    }
}

/* The twin is in sim/population/case_costs.py, which says what the arrays are. */
OFFERED void peakshift_windows_travel(
    int64_t cases, int64_t only_walks, const int64_t *goal, const int64_t *first, const int64_t *option,
    const int64_t *window, const double *walk_s, double window_s, const double *arrived_s, const double *crowded_s,
    const double *wait_s, const double *lost, const double *egress_s, const double *transfers, const double *fare_min,
    double in_vehicle_weight, double wait_weight, double walk_weight, double transfer_penalty_s,
    double unserved_penalty_s, double *arrival_s, double *travel_min, double *lost_share) {
    for (int64_t at = 0; at < cases; at++) {
        int64_t to = goal[at], by = option[at];
        double time_s = to == only_walks ? ((double)window[at] + 0.5) * window_s : arrived_s[to];
        double cost_s = in_vehicle_weight * crowded_s[to] + wait_weight * wait_s[to] +
                        walk_weight * (walk_s[at] + egress_s[by]) + transfer_penalty_s * transfers[by];
        arrival_s[at] = time_s + egress_s[by];
        lost_share[at] = lost[first[at]];
        travel_min[at] = (cost_s + unserved_penalty_s * lost_share[at]) / 60.0 + fare_min[by];
    }
}

OFFERED void peakshift_windows_best(
    int64_t rows, int64_t columns, const double *own_min, const double *price_min, const int64_t *goal,
    int64_t all_go_along, const int64_t *usual, const double *chance, const uint8_t *open, int64_t *best) {
    for (int64_t column = 0; column < columns; column++) {
        double least = 0.0;
        int64_t stays = usual[column] * columns + column;
        double usual_min = own_min[stays] + price_min[goal[stays]];
        best[column] = 0;
        for (int64_t row = 0; row < rows; row++) {
            int64_t at = row * columns + column;
            double cost = own_min[at] + price_min[goal[at]];
            if (!all_go_along) cost = open[at] ? chance[at] * (cost - usual_min) : INFINITY;
            if (row && cost < least) best[column] = row;
            least = row == 0 || cost < least || cost != cost ? cost : least;
        }
    }
}

typedef struct {
    const int64_t *ptr, *cell;
    const double *share;
    double *load;
} Ridden;

static void ride(const Ridden *ridden, int64_t of, double people) {
    if (people == 0.0) return;
    for (int64_t at = ridden->ptr[of]; at < ridden->ptr[of + 1]; at++)
        ridden->load[ridden->cell[at]] += ridden->share[at] * people;
}

static int has_room(const Ridden *ridden, int64_t of, double people, const double *limit) {
    for (int64_t at = ridden->ptr[of]; at < ridden->ptr[of + 1]; at++)
        if (ridden->load[ridden->cell[at]] + ridden->share[at] * people > limit[ridden->cell[at]]) return 0;
    return 1;
}

OFFERED void peakshift_windows_move(
    int64_t movers, const int64_t *ways, const double *people, const int64_t *ptr, const int64_t *cell,
    const double *share, const double *limit, double *load, uint8_t *moved) {
    Ridden ridden = {ptr, cell, share, load};
    for (int64_t mover = 0; mover < movers; mover++) {
        int64_t home = ways[3 * mover], old = ways[3 * mover + 1], new = ways[3 * mover + 2];
        double most = people[3 * mover], went = people[3 * mover + 1], goes = people[3 * mover + 2];
        ride(&ridden, old, -went);
        ride(&ridden, home, went - most);
        moved[mover] = (uint8_t)has_room(&ridden, new, goes, limit);
        double now = moved[mover] ? goes : went;
        ride(&ridden, moved[mover] ? new : old, now);
        ride(&ridden, home, most - now);
    }
}
