#include "domain/dialogue/summary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace carevoice::domain::dialogue {
namespace {

constexpr std::string_view lesson_prefix = "teachback_";

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

/// Told elsewhere in the summary.
bool stands_elsewhere(std::string_view fact) {
    constexpr std::array<std::string_view, 5> names{"identity_verified", "answered_by", "retries", "new_wound_signs",
                                                    "understated_because"};
    return std::ranges::find(names, fact) != names.end() || fact.starts_with(lesson_prefix);
}

void add_facts(std::string& out, const Facts& facts) {
    std::string line;
    for (const auto& [name, value] : facts) {
        if (stands_elsewhere(name)) continue;
        line += (line.empty() ? "" : "; ") + in_plain_words(name) + ": " + value_text(value);
    }
    if (!line.empty()) out += "\n" + capital(line) + ".";
    if (const auto why = facts.find("understated_because"); why != facts.end())
        out += "\nAsked what is behind it: \"" + value_text(why->second) + "\".";
}

/// What is another than it was in the last call, of what both of them know.
void add_changes(std::string& out, const DialogueState& state, const DialogueContext& context) {
    constexpr std::array<std::string_view, 10> followed{"pain_score", "pain_change",    "temperature_f", "aid",
                                                        "falls",      "meds_adherent",  "bowel_moved",   "chills",
                                                        "phq2_score", "can_bear_weight"};
    std::vector<std::string> changes;
    for (const auto name : followed) {
        const auto now = state.facts.find(std::string(name));
        const auto before = context.prior_facts.find(std::string(name));
        if (now == state.facts.end() || before == context.prior_facts.end() || now->second == before->second) continue;
        changes.push_back(in_plain_words(name) + " " + value_text(now->second) + " (was " + value_text(before->second) +
                          ")");
    }
    if (const auto fresh = state.facts.find("new_wound_signs"); fresh != state.facts.end())
        changes.push_back("new wound signs: " + value_text(fresh->second));
    std::string line;
    for (const auto& change : changes) line += (line.empty() ? "" : "; ") + change;
    if (!line.empty()) out += "\nSince the last call: " + line + ".";
}

/// "red flags: incomplete (fever missing, weight wrong)".
std::string lesson_line(const Facts& facts, const std::string& lesson, const std::string& grade) {
    std::string open;
    for (const auto& [name, value] : facts) {
        if (!name.starts_with(lesson + "_")) continue;
        const auto result = value_text(value);
        if (result.starts_with("said")) continue;
        open += (open.empty() ? "" : ", ") + in_plain_words(name.substr(lesson.size() + 1)) + " " + result;
    }
    auto line = in_plain_words(lesson.substr(lesson_prefix.size())) + ": " + grade;
    return open.empty() ? line : line + " (" + open + ")";
}

void add_lessons(std::string& out, const Facts& facts, const std::vector<TopicProgress>& topics) {
    std::string line;
    for (const auto& progress : topics) {
        const auto grade = facts.find(progress.topic);
        if (!progress.topic.starts_with(lesson_prefix) || grade == facts.end()) continue;
        line += (line.empty() ? "" : "; ") + lesson_line(facts, progress.topic, value_text(grade->second));
    }
    if (!line.empty()) out += "\nTeach-back: " + line + ".";
}

/// What somebody of the team has to do, and nobody else will.
void add_tasks(std::string& out, const DialogueState& state, const std::vector<Alert>& alerts) {
    std::vector<std::string> tasks;
    const auto holds = [&](const std::string& fact, bool value) {
        const auto found = state.facts.find(fact);
        const auto* flag = found == state.facts.end() ? nullptr : std::get_if<bool>(&found->second);
        return flag != nullptr && *flag == value;
    };
    const auto is_text = [&](const TopicProgress& progress, std::string_view text) {
        const auto found = state.facts.find(progress.topic);
        const auto* value = found == state.facts.end() ? nullptr : std::get_if<std::string>(&found->second);
        return value != nullptr && *value == text;
    };
    if (state.emergency_spoken) tasks.emplace_back("make sure that emergency help was reached");
    if (std::ranges::any_of(alerts, [](const Alert& a) { return a.severity >= Severity::high; }))
        tasks.emplace_back("look at the alerts today");
    if (state.nurse_call_promised || holds("callback", true)) tasks.emplace_back("call the patient");
    for (const auto& progress : state.topics)
        if (progress.topic.starts_with(lesson_prefix) && is_text(progress, "incomplete"))
            tasks.push_back("go over " + in_plain_words(progress.topic.substr(lesson_prefix.size())));
    if (state.outcome == CallOutcome::wrong_person) tasks.emplace_back("check the phone number");
    if (holds("opt_out", true)) tasks.emplace_back("no more automated calls: arrange other contact");
    if (!state.identity_verified && state.outcome == CallOutcome::partial)
        tasks.emplace_back("confirm who answers at this number");
    std::vector<std::string> open;
    for (const auto& progress : state.topics)
        if (progress.state == TopicState::unclear && progress.topic != "identity") open.push_back(progress.topic);
    if (!open.empty()) tasks.push_back("ask again about " + joined(open));
    std::string line;
    for (const auto& task : tasks) line += (line.empty() ? "" : "; ") + task;
    if (!line.empty()) out += "\nTo do: " + line + ".";
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
    if (state.by_caregiver) out += " A caregiver answered for the patient.";
    add_alerts(out, alerts);
    if (!context.open_rules.empty()) out += "\nStill open from the last call: " + joined(context.open_rules) + ".";
    add_changes(out, state, context);
    add_facts(out, state.facts);
    if (!context.prior_pain_scores.empty()) {
        std::vector<std::string> scores;
        scores.reserve(context.prior_pain_scores.size());
        for (const int score : context.prior_pain_scores) scores.push_back(std::to_string(score));
        out += "\nEarlier pain scores: " + joined(scores) + ".";
    }
    add_lessons(out, state.facts, state.topics);
    add_missing(out, state.topics);
    if (state.nurse_call_promised) out += "\nThe patient was told that a nurse will call.";
    if (state.emergency_spoken) out += "\nThe patient was told to get emergency help.";
    add_tasks(out, state, alerts);
    return out;
}

std::vector<std::string> statements_of(std::string_view summary) {
    // The other lines begin with what they are about, which would be lost with their first part.
    constexpr std::array<std::string_view, 11> whole{"Alert,",       "Still open", "Since the last", "Asked",
                                                     "Earlier pain", "Teach-back", "Not ",           "Would not",
                                                     "The patient",  "To do",      "Outcome"};
    std::vector<std::string> statements;
    while (!summary.empty()) {
        const auto end = std::min(summary.find('\n'), summary.size());
        auto line = summary.substr(0, end);
        summary.remove_prefix(std::min(end + 1, summary.size()));
        if (line.empty()) continue;
        const bool is_whole =
            statements.empty() || std::ranges::any_of(whole, [&](auto label) { return line.starts_with(label); });
        if (!is_whole && line.ends_with('.')) line.remove_suffix(1);
        std::size_t from = 0;
        bool quoted = false;
        for (std::size_t at = 0; at < line.size() && !is_whole; ++at) {
            if (line[at] == '"') quoted = !quoted;
            if (quoted || line.substr(at, 2) != "; ") continue;
            statements.emplace_back(line.substr(from, at - from));
            from = at + 2;
        }
        statements.emplace_back(line.substr(from));
    }
    return statements;
}

}  // namespace carevoice::domain::dialogue
