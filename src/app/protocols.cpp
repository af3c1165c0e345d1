#include "app/protocols.h"

#include "ai/semantic_reader.h"
#include "core/resources.h"

#include <map>
#include <string>

namespace carevoice::app {

namespace {

constexpr std::string_view folder = "protocols/";

}  // namespace

Result<std::string_view> protocol_text(std::string_view name) {
    const auto text = find_embedded_resource(std::string(folder) + std::string(name));
    if (!text) return Error{Errc::corrupt, "the program was built without protocols/" + std::string(name)};
    return *text;
}

Result<std::unique_ptr<const domain::ClinicalReader>> load_clinical_reader() {
    const auto rules = protocol_text("rules.json");
    if (rules.has_error()) return rules.error();
    const auto lexicon = protocol_text("lexicon.json");
    if (lexicon.has_error()) return lexicon.error();
    const auto concepts = protocol_text("concepts.json");
    if (concepts.has_error()) return concepts.error();
    auto reader = domain::ClinicalReader::load(*rules, *lexicon, *concepts);
    if (reader.has_error()) return reader.error();
    return std::make_unique<const domain::ClinicalReader>(std::move(*reader));
}

Result<std::unique_ptr<const domain::SecondReader>> load_second_reader(const std::filesystem::path& encoder) {
    const auto heads = protocol_text("semantic_reader.json");
    if (heads.has_error()) return heads.error();
    auto reader = ai::SemanticReader::load(encoder, *heads);
    if (reader.has_error()) return reader.error();
    return std::unique_ptr<const domain::SecondReader>(std::move(*reader));
}

Result<domain::CallPlan> load_call_plan() {
    const auto text = protocol_text("call_plan.json");
    if (text.has_error()) return text.error();
    return domain::CallPlan::load(*text);
}

Result<domain::Dialogue> load_dialogue(const domain::ClinicalReader& reader) {
    std::map<std::string, std::string_view> files;
    for (const auto& resource : embedded_resources())
        if (resource.path.starts_with(folder)) files.emplace(resource.path.substr(folder.size()), resource.text);
    return domain::Dialogue::load(files, reader);
}

}  // namespace carevoice::app
