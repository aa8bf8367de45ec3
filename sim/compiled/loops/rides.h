/* The cheapest of the rides that each class of travellers may take; the twin is in sim/advisor/optimum/demand_classes.py,
 * which says what the arrays are. */

OFFERED void peakshift_rides_cheapest(
    int64_t classes, const int64_t *starts, const double *cost_min, const int64_t *ride, const double *toll_min,
    double *least_min, int64_t *place) {
    for (int64_t class_ = 0; class_ < classes; class_++) {
        double least = INFINITY;
        int64_t first = starts[class_];
        for (int64_t at = first; at < starts[class_ + 1]; at++) {
            double cost = cost_min[at] + toll_min[ride[at]];
            if (cost < least) least = cost, first = at;
        }
        least_min[class_] = least;
        place[class_] = first;
    }
}
