#include "domain/analyze.h"

#include "app/commands/commands.h"
#include "app/protocols.h"
#include "core/text.h"

#include <istream>
#include <ostream>

namespace carevoice::app {

int analyze(const AnalyzeCommand& command, std::istream& in, std::ostream& out, std::ostream& complaints) {
    const auto reader = load_clinical_reader();
    if (reader.has_error()) {
        complaints << reader.error().detail << '\n';
        return 1;
    }
    int exit_code = 0;
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        if (trim(line).empty()) continue;
        const auto analyzed =
            command.assertions ? domain::assert_line(**reader, line) : domain::analyze_line(**reader, line);
        if (analyzed.has_value()) {
            out << *analyzed << '\n';
            continue;
        }
        const auto& error = analyzed.error();
        complaints << "line " << number << ": " << (error.field.empty() ? "" : error.field + " ") << error.detail
                   << '\n';
        exit_code = 1;
    }
    return exit_code;
}

}  // namespace carevoice::app
