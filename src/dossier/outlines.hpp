// The outlines of countries under the maps of a dossier's findings.
#pragma once

#include <nlohmann/json.hpp>

namespace cotejo {

// Of the countries in web/src/charts/outlines.svelte.ts's form, the rings that touch the frame of a map (figures `objected-map` and `outlier-map`) of
// one of the findings; an empty array where there is no map. Verified in src/dossier/tests/dossier_test.cpp.
nlohmann::ordered_json outlines_of(const nlohmann::ordered_json& findings);

}  // namespace cotejo
