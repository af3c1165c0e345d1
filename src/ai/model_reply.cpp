#include "ai/model_reply.h"

#include "ai/json_member.h"
#include "core/text.h"

#include <boost/json.hpp>

#include <algorithm>

namespace carevoice::ai {

namespace json = boost::json;

namespace {

constexpr std::size_t depth_max = 4;  // object, list, object, and one to spare
constexpr std::size_t findings_max = 8;
constexpr std::size_t quote_letters_min = 3;

Error wrong(std::string detail) {
    return Error{Errc::corrupt, "the model's answer " + std::move(detail)};
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// "```json" and "```" around the object; some models cannot leave them out.
std::string_view without_fence(std::string_view text) {
    text = trim(text);
    constexpr std::string_view fence = "```";
    if (!text.starts_with(fence) || !text.ends_with(fence) || text.size() < 2 * fence.size()) return text;
    text.remove_prefix(fence.size());
    text.remove_suffix(fence.size());
    if (text.starts_with("json")) text.remove_prefix(4);
    return trim(text);
}

// Words in small letters with one blank around each: " my chest hurts ".
std::string folded(std::string_view text) {
    std::string words(" ");
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool curly_apostrophe = text.substr(i).starts_with("\xe2\x80\x99");
        if (c == '\'' || curly_apostrophe) {
            i += curly_apostrophe ? 2U : 0U;
            continue;
        }
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter) words.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
        if (!letter && words.back() != ' ') words.push_back(' ');
    }
    if (words.back() != ' ') words.push_back(' ');
    return words;
}

Result<> take_findings(const json::array& list, std::string_view patient_said, const domain::ConceptBook& concepts,
                       ModelReply& reply) {
    const std::string said = folded(patient_said);
    for (const json::value& item : list) {
        if (!item.is_object()) return wrong("has a finding that is no object");
        const auto* id = find_member(item, "concept");
        const auto* quote = find_member(item, "quote");
        if ((id != nullptr && !id->is_string()) || (quote != nullptr && !quote->is_string()))
            return wrong("has a finding whose members are no strings");
        const std::string name(find_text(item, "concept"));
        const std::string basis(trim(find_text(item, "quote")));
        const std::string words = folded(basis);
        const auto letters = words.size() - static_cast<std::size_t>(std::ranges::count(words, ' '));
        const bool quoted = letters >= quote_letters_min && said.find(words) != std::string::npos;
        const bool known = concepts.find(name) != nullptr;
        const bool again =
            std::ranges::find(reply.findings, name, &domain::ConceptFinding::concept_id) != reply.findings.end();
        if (quoted && known && !again && reply.findings.size() < findings_max) {
            reply.findings.push_back({.concept_id = name, .reader = domain::Reader::model, .basis = basis});
        } else {
            ++reply.findings_dropped;
        }
    }
    return {};
}

}  // namespace

Result<ModelReply> parse_model_reply(std::string_view text, std::string_view patient_said,
                                     const domain::ConceptBook& concepts) {
    if (text.size() > model_reply_bytes_max) return wrong("is too long");
    const std::string_view body = without_fence(text);
    if (!is_valid_utf8(body)) return wrong("is not UTF-8");
    boost::system::error_code failed;
    json::parse_options options;
    options.max_depth = depth_max;
    const json::value root = json::parse(body, failed, {}, options);
    if (failed || !root.is_object()) return wrong("is no JSON object");

    const auto* speak = find_member(root, "speak");
    if (speak == nullptr || !speak->is_string()) return wrong("has no \"speak\" that is a string");
    ModelReply reply;
    reply.speak = trim(std::string_view(speak->get_string()));
    if (reply.speak.empty()) return wrong("has an empty \"speak\"");
    if (std::ranges::any_of(reply.speak, is_control)) return wrong("has control characters in \"speak\"");

    const auto* findings = find_member(root, "findings");
    if (findings == nullptr || findings->is_null()) return reply;
    if (!findings->is_array()) return wrong("has \"findings\" that are no list");
    if (const auto taken = take_findings(findings->get_array(), patient_said, concepts, reply); !taken)
        return taken.error();
    return reply;
}

std::string model_reply_schema(const domain::ConceptBook& concepts) {
    json::array ids;
    for (const auto& each : concepts.all()) ids.emplace_back(each.id);
    const json::object finding = {
        {"type", "object"},
        {"properties", {{"concept", {{"type", "string"}, {"enum", std::move(ids)}}}, {"quote", {{"type", "string"}}}}},
        {"required", {"concept", "quote"}},
        {"additionalProperties", false}};
    const json::object schema = {{"type", "object"},
                                 {"properties",
                                  {{"speak", {{"type", "string"}}},
                                   {"findings", {{"type", "array"}, {"items", finding}, {"maxItems", findings_max}}}}},
                                 {"required", {"speak", "findings"}},
                                 {"additionalProperties", false}};
    return json::serialize(schema);
}

}  // namespace carevoice::ai
