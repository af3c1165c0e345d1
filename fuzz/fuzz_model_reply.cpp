// Whatever a model answers, reading and judging it ends; what would be spoken is text that a voice can read.
#include "ai/guard_rails.h"
#include "ai/model_reply.h"
#include "core/resources.h"
#include "core/text.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using carevoice::find_embedded_resource;

template <class T>
T loaded(carevoice::Result<T> result) {
    if (!result) std::abort();
    return std::move(*result);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto concepts =
        loaded(carevoice::domain::ConceptBook::load(*find_embedded_resource("protocols/concepts.json")));
    static const auto rails = loaded(carevoice::ai::GuardRails::load(
        *find_embedded_resource("protocols/guard_rails.json"), *find_embedded_resource("protocols/lexicon.json")));
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    carevoice::ai::GuardContext context;
    context.topic = "wound";
    context.patient_said = text.substr(text.size() / 2);
    context.own_wording = "Thank you. How does the incision look?";
    context.identity_verified = true;
    (void)rails.check(text, context);
    const auto reply = carevoice::ai::parse_model_reply(text, "my chest hurts", concepts);
    if (!reply) return 0;
    if (!carevoice::is_valid_utf8(reply->speak) || reply->speak.empty()) std::abort();
    const bool spoken = !rails.check(reply->speak, context);
    if (spoken && reply->speak.find_first_of("<>{}[]*#_\n") != std::string::npos) std::abort();
    return 0;
}
