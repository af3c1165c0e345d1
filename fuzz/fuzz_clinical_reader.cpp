// Whatever the recogniser writes, reading it ends and stays within bounds; whatever is in a line of `analyze` gives a
// line or an error.
#include "core/resources.h"
#include "domain/analyze.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

const carevoice::domain::ClinicalReader& reader() {
    static const carevoice::domain::ClinicalReader shipped = [] {
        auto loaded =
            carevoice::domain::ClinicalReader::load(*carevoice::find_embedded_resource("protocols/rules.json"),
                                                    *carevoice::find_embedded_resource("protocols/lexicon.json"),
                                                    *carevoice::find_embedded_resource("protocols/concepts.json"));
        if (!loaded) std::abort();
        return std::move(*loaded);
    }();
    return shipped;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    constexpr const char* questions[] = {"pain_score",         "fever", "wound", "consent", "callback", "open",
                                         "teachback_red_flags"};
    carevoice::domain::UtteranceContext context;
    context.question = questions[size % std::size(questions)];
    const auto understood = reader().read(text, context);
    for (const auto& alert : understood.alerts) {
        if (alert.evidence.text.size() > text.size()) std::abort();
    }
    (void)carevoice::domain::analyze_line(reader(), text);
    return 0;
}
