#include "domain/analyze.h"

#include "core/text.h"

#include <boost/json.hpp>

#include <array>
#include <charconv>
#include <utility>

namespace carevoice::domain {

namespace {

namespace json = boost::json;

constexpr std::size_t line_max = std::size_t{64} * 1024;

Error invalid(std::string detail, std::string field = {}) {
    return Error{Errc::invalid_input, std::move(detail), std::move(field)};
}

Result<std::string> text_field(const json::object& line, std::string_view name) {
    const json::value* value = line.if_contains(name);
    if (value == nullptr) return invalid(std::string(name) + " is missing", std::string(name));
    if (!value->is_string()) return invalid(std::string(name) + " has to be a text", std::string(name));
    return std::string(value->get_string());
}

Result<json::object> object_of(std::string_view json_line) {
    if (json_line.size() > line_max) return invalid("the line is longer than 64 KiB");
    if (!is_valid_utf8(json_line)) return invalid("the line is not UTF-8");
    boost::system::error_code failed;
    json::value parsed = json::parse(json::string_view(json_line.data(), json_line.size()), failed);
    if (failed) return invalid("the line is no JSON");
    if (!parsed.is_object()) return invalid("the line is no JSON object");
    return std::move(parsed.get_object());
}

// With as many decimals as asked for: Boost.JSON writes 101.5 as 1.015E2, which no nurse wants to read.
std::string number_fact(const Facts& facts, const std::string& name, int decimals) {
    const auto found = facts.find(name);
    const double* number = found == facts.end() ? nullptr : std::get_if<double>(&found->second);
    if (number == nullptr) return "null";
    std::array<char, 32> text{};
    const auto [end, failed] =
        std::to_chars(text.data(), text.data() + text.size(), *number, std::chars_format::fixed, decimals);
    return failed == std::errc{} ? std::string(text.data(), end) : "null";
}

}  // namespace

Result<std::string> analyze_line(const ClinicalReader& reader, std::string_view json_line,
                                 const SecondReader* second_reader) {
    const auto parsed = object_of(json_line);
    if (!parsed) return parsed.error();
    const json::object& line = *parsed;
    auto id = text_field(line, "id");
    if (!id) return id.error();
    auto call_type = text_field(line, "call_type");
    if (!call_type) return call_type.error();
    auto question = text_field(line, "question");
    if (!question) return question.error();
    auto utterance = text_field(line, "utterance");
    if (!utterance) return utterance.error();
    const auto type = parse_call_type(*call_type);
    if (!type) return invalid("call_type has to be followup, enrollment or education", "call_type");

    UtteranceContext context;
    context.call_type = *type;
    context.question = *question;
    std::vector<ConceptFinding> found;
    if (second_reader != nullptr) found = second_reader->read(*utterance, *question);
    const Understanding understood = reader.read(*utterance, context, found);

    json::array alerts;
    for (const RaisedAlert& alert : understood.alerts) {
        json::object entry({{"type", std::string(to_string(alert.type))},
                            {"severity", std::string(to_string(alert.severity))},
                            {"rule", alert.evidence.rule},
                            {"evidence", alert.evidence.text}});
        if (alert.evidence.reader != Reader::rules) {
            entry["reader"] = to_string(alert.evidence.reader);
            entry["nearest"] = alert.evidence.basis;
        }
        alerts.push_back(std::move(entry));
    }
    const std::string consent = !understood.consent ? "null" : *understood.consent ? "true" : "false";
    return "{\"id\":" + json::serialize(json::string(*id)) +
           ",\"pain_score\":" + number_fact(understood.facts, "pain_score", 0) +
           ",\"temperature_f\":" + number_fact(understood.facts, "temperature_f", 1) +
           ",\"alerts\":" + json::serialize(alerts) + ",\"unclear\":" + (understood.unclear ? "true" : "false") +
           ",\"consent\":" + consent + "}";
}

Result<std::string> assert_line(const ClinicalReader& reader, std::string_view json_line) {
    const auto line = object_of(json_line);
    if (!line) return line.error();
    auto id = text_field(*line, "id");
    if (!id) return id.error();
    auto sentence = text_field(*line, "sentence");
    if (!sentence) return sentence.error();
    auto span = text_field(*line, "span");
    if (!span) return span.error();
    const auto found = reader.assert_span(*sentence, *span);
    if (!found) return found.error();
    const auto word = [](bool value) { return value ? "true" : "false"; };
    return "{\"id\":" + json::serialize(json::string(*id)) + ",\"negated\":" + word(found->negated) +
           ",\"historical\":" + word(found->historical) + ",\"hypothetical\":" + word(found->hypothetical) +
           ",\"experiencer\":\"" + (found->of_other ? "other" : "patient") + "\"}";
}

}  // namespace carevoice::domain
