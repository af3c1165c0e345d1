#include "domain/fact.h"

#include <algorithm>

namespace carevoice::domain {

void merge(Facts& facts, const Facts& newer) {
    for (const auto& [name, value] : newer) {
        const auto [entry, inserted] = facts.try_emplace(name, value);
        if (inserted) continue;
        auto* old_list = std::get_if<std::vector<std::string>>(&entry->second);
        const auto* new_list = std::get_if<std::vector<std::string>>(&value);
        if (old_list == nullptr || new_list == nullptr) {
            entry->second = value;
            continue;
        }
        for (const std::string& word : *new_list) {
            if (std::find(old_list->begin(), old_list->end(), word) == old_list->end()) old_list->push_back(word);
        }
    }
}

}  // namespace carevoice::domain
