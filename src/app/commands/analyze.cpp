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
    std::unique_ptr<const domain::SecondReader> second;
    if (command.readers == "both" && !command.assertions) {
        auto loaded = load_second_reader(command.encoder);
        if (loaded.has_value()) {
            second = std::move(*loaded);
        } else {
            complaints << loaded.error().detail << "; the rules read alone (./dev setup installs the second reader)\n";
        }
    }
    int exit_code = 0;
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        if (trim(line).empty()) continue;
        const auto analyzed = command.assertions ? domain::assert_line(**reader, line)
                                                 : domain::analyze_line(**reader, line, second.get());
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
