#include "simulator/conversation_printer.h"

#include "simulator/scenario_runner.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <ostream>

namespace carevoice::simulator {

namespace json = boost::json;

namespace {

std::string stamp(milliseconds at) {
    char text[32];
    std::snprintf(text, sizeof text, "%7.1f s  ", static_cast<double>(at.count()) / 1000.0);
    return text;
}

std::string text_at(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

/// Boost.JSON writes 98.4 as 9.84E1.
std::string readable(const json::value& value) {
    if (!value.is_double()) return json::serialize(value);
    char text[32];
    std::snprintf(text, sizeof text, "%g", value.as_double());
    return text;
}

}  // namespace

void ConversationPrinter::heading(const Scenario& scenario) const {
    const auto& persona = scenario.persona;
    line("");
    line("== " + scenario.id + " " + scenario.title + " ==");
    line("   " + persona.first_name + " " + persona.last_name + ", " + scenario.procedure + ", day " +
         std::to_string(scenario.post_op_day) + ", " + scenario.call_type + " call");
}

void ConversationPrinter::voice(milliseconds at, const std::string& text) const {
    line(stamp(at) + "  nurse: " + text);
}

void ConversationPrinter::patient(milliseconds at, const std::string& said, const std::string& heard) const {
    line(stamp(at) + "patient: " + said + (heard.empty() ? "" : "  (heard: " + heard + ")"));
}

void ConversationPrinter::happening(milliseconds at, const std::string& what) const {
    line(stamp(at) + "       - " + what);
}

void ConversationPrinter::findings(const CallEvidence& evidence) const {
    const auto outcome = text_at(evidence.status, "outcome");
    line("  outcome: " + (outcome.empty() ? "none" : outcome));
    if (const auto* data = evidence.status.if_contains("clinical_data"); data != nullptr && data->is_object())
        for (const auto& [name, value] : data->as_object())
            line("  learned: " + std::string(name) + " = " + readable(value));
    const auto* alerts = evidence.status.if_contains("alerts");
    if (alerts == nullptr || !alerts->is_array() || alerts->as_array().empty()) return line("  no alerts");
    for (const auto& entry : alerts->as_array()) {
        if (!entry.is_object()) continue;
        const auto& alert = entry.as_object();
        const auto* quote = alert.if_contains("evidence");
        std::string words;
        if (quote != nullptr && quote->is_object()) words = text_at(quote->as_object(), "text");
        line("  alert:   " + text_at(alert, "severity") + " " + text_at(alert, "type") + " (" + text_at(alert, "rule") +
             ")" + (words.empty() ? "" : ": \"" + words + "\""));
    }
}

void ConversationPrinter::verdict(const Scenario& scenario, const std::vector<std::string>& broken,
                                  const std::vector<milliseconds>& latencies, milliseconds duration) const {
    char figures[96];
    std::snprintf(figures, sizeof figures, "%.1f s, replies p50 %.2f s, p95 %.2f s",
                  static_cast<double>(duration.count()) / 1000.0,
                  static_cast<double>(percentile(latencies, 0.5).count()) / 1000.0,
                  static_cast<double>(percentile(latencies, 0.95).count()) / 1000.0);
    line((broken.empty() ? "PASS " : "FAIL ") + scenario.id + " " + scenario.title + " (" + figures + ")", true);
    for (const auto& sentence : broken) line("     - " + sentence, true);
}

void ConversationPrinter::line(const std::string& text, bool always) const {
    if (quiet_ && !always) return;
    const std::lock_guard lock(*mutex_);
    *out_ << (label_.empty() ? "" : label_ + " ") << text << '\n' << std::flush;
}

}  // namespace carevoice::simulator
