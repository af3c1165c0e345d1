#include "domain/dialogue/preferences.h"
namespace carevoice::domain::dialogue {
std::optional<Facts> hear_preference(std::string_view, std::string_view, std::optional<bool>) {
    return std::nullopt;
}
}  // namespace carevoice::domain::dialogue
