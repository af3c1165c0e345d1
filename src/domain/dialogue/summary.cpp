#include "domain/dialogue/summary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace carevoice::domain::dialogue {
namespace {

/// "pain_score" -> "pain score".
std::string in_plain_words(std::string_view name) {
    std::string out(name);
    std::ranges::replace(out, '_', ' ');
    return out;
}

std::string capital(std::string text) {
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
        text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return text;
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const auto& text : texts) out += (out.empty() ? "" : ", ") + in_plain_words(text);
    return out;
}

std::string value_text(const FactValue& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "yes" : "no";
    if (const auto* text = std::get_if<std::string>(&value)) return in_plain_words(*text);
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return list->empty() ? "none" : joined(*list);
    const double number = std::get<double>(value);
    std::array<char, 32> buffer{};
    const bool whole = number == std::floor(number);
    std::snprintf(buffer.data(), buffer.size(), whole ? "%.0f" : "%.1f", number);
    return buffer.data();
}

std::string headline(const DialogueState& state, const DialogueContext& context) {
    std::string line = capital(std::string(to_string(context.call_type))) + " call";
    if (const auto day = context.post_operative_day)
        line += *day < 0 ? ", " + std::to_string(-*day) + " days before surgery"
                         : ", day " + std::to_string(*day) + " after surgery";
    line += ". Outcome: " + in_plain_words(to_string(state.outcome)) + ".";
    if (!state.identity_verified) line += " Identity was not verified.";
    return line;
}

void add_alerts(std::string& out, std::vector<Alert> alerts) {
    std::ranges::stable_sort(alerts, std::greater<>{}, &Alert::severity);
    for (const auto& alert : alerts) {
        out +=
            "\nAlert, " + std::string(to_string(alert.severity)) + ": " + in_plain_words(to_string(alert.type)) + ".";
        for (const auto& evidence : alert.evidence) out += " \"" + evidence.text + "\" (" + evidence.rule + ")";
    }
}

void add_facts(std::string& out, const Facts& facts) {
    std::string line;
    for (const auto& [name, value] : facts) {
        if (name == "identity_verified") continue;
        line += (line.empty() ? "" : "; ") + in_plain_words(name) + ": " + value_text(value);
    }
    if (!line.empty()) out += "\n" + capital(line) + ".";
}

void add_missing(std::string& out, const std::vector<TopicProgress>& topics) {
    for (const auto& [state, label] :
         {std::pair{TopicState::unclear, "Not understood"}, std::pair{TopicState::declined, "Would not say"},
          std::pair{TopicState::asked, "Asked without an answer"}, std::pair{TopicState::skipped, "Not asked"}}) {
        std::vector<std::string> names;
        for (const auto& progress : topics)
            if (progress.state == state) names.push_back(progress.topic);
        if (!names.empty()) out += "\n" + std::string(label) + ": " + joined(names) + ".";
    }
}

}  // namespace

std::string summarise(const DialogueState& state, const std::vector<Alert>& alerts, const DialogueContext& context) {
    std::string out = headline(state, context);
    add_alerts(out, alerts);
    add_facts(out, state.facts);
    if (!context.prior_pain_scores.empty()) {
        std::vector<std::string> scores;
        for (const int score : context.prior_pain_scores) scores.push_back(std::to_string(score));
        out += "\nEarlier pain scores: " + joined(scores) + ".";
    }
    add_missing(out, state.topics);
    if (state.nurse_call_promised) out += "\nThe patient was told that a nurse will call.";
    if (state.emergency_spoken) out += "\nThe patient was told to get emergency help.";
    return out;
}

}  // namespace carevoice::domain::dialogue
