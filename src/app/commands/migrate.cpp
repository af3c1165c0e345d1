#include "app/commands/commands.h"
#include "storage/repositories.h"

#include <filesystem>
#include <ostream>

namespace carevoice::app {

int migrate(const Settings& settings, bool only_show, std::ostream& out, std::ostream& complaints) {
    std::error_code ignored;
    std::filesystem::create_directories(settings.data_dir, ignored);
    const auto url = settings.effective_database_url();
    if (!only_show) {
        const auto opened = storage::open_database(url, 1);
        if (opened.has_error()) {
            complaints << opened.error().detail << '\n';
            return 1;
        }
    }
    const auto state = storage::migration_state(url);
    if (state.has_error()) {
        complaints << state.error().detail << '\n';
        return 1;
    }
    for (const auto& name : state->applied) out << "applied  " << name << '\n';
    for (const auto& name : state->pending) out << "pending  " << name << '\n';
    return 0;
}

}  // namespace carevoice::app
