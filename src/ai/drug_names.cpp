#include "ai/drug_names.h"

#include "ai/json_member.h"

#include <boost/json/parse.hpp>

namespace carevoice::ai {

Result<std::vector<std::string>> drug_names(std::string_view lexicon_json) {
    boost::system::error_code failed;
    const auto lexicon = boost::json::parse(lexicon_json, failed);
    const auto* groups = failed ? nullptr : find_member(lexicon, "drugs");
    std::vector<std::string> names;
    if (groups != nullptr && groups->is_object()) {
        for (const auto& group : groups->get_object()) {
            if (!group.value().is_object()) continue;
            for (const auto& drug : group.value().get_object()) {
                names.emplace_back(drug.key());
                const auto* brands = drug.value().if_array();
                for (std::size_t i = 0; brands != nullptr && i < brands->size(); ++i) {
                    if (const auto* brand = (*brands)[i].if_string()) names.emplace_back(*brand);
                }
            }
        }
    }
    if (names.empty()) return Error{Errc::corrupt, "protocols/lexicon.json: names no drugs", "protocols/lexicon.json"};
    return names;
}

}  // namespace carevoice::ai
