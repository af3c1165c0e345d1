#include "domain/dialogue.h"

#include "domain/dialogue/conversation.h"
#include "domain/dialogue/summary.h"

#include <array>
#include <utility>

namespace carevoice::domain {
namespace {

/// Looks up "followup.json", with or without a folder before it.
Result<std::string_view> file_named(const std::map<std::string, std::string_view>& files, std::string_view name) {
    for (const auto& [path, text] : files)
        if (path == name || path.ends_with("/" + std::string(name))) return text;
    return Error{.code = Errc::corrupt, .detail = "protocols/" + std::string(name) + ": is missing"};
}

}  // namespace

std::string_view to_string(AnswerKind kind) noexcept {
    switch (kind) {
        case AnswerKind::none: return "none";
        case AnswerKind::yes_no: return "yes_no";
        case AnswerKind::number: return "number";
        case AnswerKind::temperature: return "temperature";
        case AnswerKind::date: return "date";
        case AnswerKind::name_and_date: return "name_and_date";
        case AnswerKind::choice: return "choice";
        case AnswerKind::story: return "story";
    }
    return "?";
}

std::string_view to_string(DialoguePhase phase) noexcept {
    switch (phase) {
        case DialoguePhase::opening: return "opening";
        case DialoguePhase::identity: return "identity";
        case DialoguePhase::consent: return "consent";
        case DialoguePhase::questions: return "questions";
        case DialoguePhase::closing: return "closing";
        case DialoguePhase::ended: return "ended";
    }
    return "?";
}

struct Dialogue::Protocols : dialogue::ProtocolBook {};

Dialogue::Dialogue(std::unique_ptr<const Protocols> protocols) : protocols_(std::move(protocols)) {}
Dialogue::Dialogue(Dialogue&&) noexcept = default;
Dialogue& Dialogue::operator=(Dialogue&&) noexcept = default;
Dialogue::~Dialogue() = default;

Result<Dialogue> Dialogue::load(const std::map<std::string, std::string_view>& files, const ClinicalReader& reader) {
    auto book = std::make_unique<Protocols>();
    book->reader = &reader;
    const std::array<std::pair<std::string_view, dialogue::Protocol*>, 3> parts{{{"followup.json", &book->followup},
                                                                                 {"enrollment.json", &book->enrollment},
                                                                                 {"education.json", &book->education}}};
    for (const auto& [name, protocol] : parts) {
        const auto text = file_named(files, name);
        if (!text) return text.error();
        auto loaded = dialogue::load_protocol("protocols/" + std::string(name), *text);
        if (!loaded) return loaded.error();
        *protocol = std::move(*loaded);
    }
    const auto wording = file_named(files, "wording.json");
    if (!wording) return wording.error();
    auto loaded = dialogue::load_wording("protocols/wording.json", *wording);
    if (!loaded) return loaded.error();
    book->wording = std::move(*loaded);
    return Dialogue(std::move(book));
}

DialogueState Dialogue::begin(const DialogueContext& context, std::uint32_t wording_seed) const {
    DialogueState state;
    state.wording_seed = wording_seed;
    state.topics = dialogue::plan(protocols_->of(context.call_type), context);
    return state;
}

DialogueStep Dialogue::step(DialogueState& state, const DialogueEvent& event, const DialogueContext& context) const {
    return dialogue::Conversation(*protocols_, state, context).take(event);
}

std::string Dialogue::summarise(const DialogueState& state, const std::vector<Alert>& alerts,
                                const DialogueContext& context) const {
    return dialogue::summarise(state, alerts, context);
}

}  // namespace carevoice::domain
