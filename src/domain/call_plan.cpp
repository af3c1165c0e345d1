#include "domain/call_plan.h"

#include "core/text.h"
#include "domain/dialogue.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace carevoice::domain {

namespace {

using std::chrono::days;

/// A conversation goes on only while the patient still has it in mind.
constexpr milliseconds goes_on_within{3'600'000};
/// A suggested call that is so near has just been had.
constexpr milliseconds same_day{12 * 3'600'000};
/// About the same time on the next day, a little earlier.
constexpr milliseconds after_alert{22 * 3'600'000};
constexpr int minutes_a_day = 24 * 60;
constexpr int days_ahead_max = 8;

constexpr std::array<std::pair<AttemptEnd, std::string_view>, 9> attempt_ends{{{AttemptEnd::settled, "settled"},
                                                                               {AttemptEnd::undecided, "undecided"},
                                                                               {AttemptEnd::busy, "busy"},
                                                                               {AttemptEnd::no_answer, "no_answer"},
                                                                               {AttemptEnd::machine, "machine"},
                                                                               {AttemptEnd::dropped, "dropped"},
                                                                               {AttemptEnd::failed, "failed"},
                                                                               {AttemptEnd::call_later, "call_later"},
                                                                               {AttemptEnd::refused, "refused"}}};

std::vector<std::string> zones_of(const Patient& patient, const DialWindow& window) {
    return possible_zones(patient.time_zone, patient.phone, window.plan.zones_by_prefix, window.zones);
}

/// The calendar that counts the attempts of a day: the patient's own, or the first of those it may be.
std::string calendar_of(const std::vector<std::string>& zones) {
    return zones.empty() ? "UTC" : zones.front();
}

int distance_on_the_clock(int left, int right) {
    const int apart = std::abs(left - right);
    return std::min(apart, minutes_a_day - apart);
}

/// The time of day that is farthest from all that were tried.
int another_time_of_day(const CallPlan& plan, const std::vector<Attempt>& attempts, const std::string& calendar,
                        const DialWindow& window) {
    int best = plan.times_of_day.empty() ? window.hours.from_minute : plan.times_of_day.front();
    int best_distance = -1;
    for (const int candidate : plan.times_of_day) {
        int nearest = minutes_a_day;
        for (const auto& attempt : attempts)
            if (const auto local = local_time(attempt.dialled_at, calendar, window.zones))
                nearest = std::min(nearest, distance_on_the_clock(candidate, local->minute_of_day));
        if (nearest > best_distance) {
            best = candidate;
            best_distance = nearest;
        }
    }
    return best;
}

int attempts_on(std::chrono::year_month_day date, const std::vector<Attempt>& attempts, const std::string& calendar,
                const TimeZones& zones) {
    return static_cast<int>(std::ranges::count_if(attempts, [&](const Attempt& attempt) {
        const auto local = local_time(attempt.dialled_at, calendar, zones);
        return local && local->date == date;
    }));
}

/// At or after `earliest`, within the hours, on a day that has an attempt left.
std::optional<WallTime> find_time(const Patient& patient, const std::vector<Attempt>& attempts, WallTime earliest,
                                  const RetryRule& rule, const DialWindow& window) {
    const auto zones = zones_of(patient, window);
    const auto calendar = calendar_of(zones);
    const auto today = local_time(attempts.back().dialled_at, calendar, window.zones);
    auto at = next_open(earliest, zones, window.hours, window.zones);
    if (!today) return at;
    for (int ahead = 0; at && ahead < days_ahead_max; ++ahead) {
        const auto local = local_time(*at, calendar, window.zones);
        if (!local) return std::nullopt;
        const bool day_is_full =
            attempts_on(local->date, attempts, calendar, window.zones) >= window.plan.attempts_a_day;
        if (!day_is_full && (local->date == today->date || !rule.another_time)) return at;
        const auto date =
            day_is_full ? std::chrono::year_month_day{std::chrono::sys_days{local->date} + days{1}} : local->date;
        const int minute = another_time_of_day(window.plan, attempts, calendar, window);
        const auto moment = first_moment(date, minute, calendar, window.zones);
        if (!moment) return std::nullopt;
        at = next_open(std::max(*moment, earliest), zones, window.hours, window.zones);
        if (!at) return std::nullopt;
        const auto chosen = local_time(*at, calendar, window.zones);
        if (chosen && attempts_on(chosen->date, attempts, calendar, window.zones) < window.plan.attempts_a_day)
            return at;
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_string(AttemptEnd end) noexcept {
    const auto* found = std::ranges::find(attempt_ends, end, &std::pair<AttemptEnd, std::string_view>::first);
    return found == attempt_ends.end() ? std::string_view("?") : found->second;
}

std::optional<AttemptEnd> parse_attempt_end(std::string_view text) noexcept {
    const auto* found = std::ranges::find(attempt_ends, text, &std::pair<AttemptEnd, std::string_view>::second);
    if (found == attempt_ends.end()) return std::nullopt;
    return found->first;
}

const RetryRule* CallPlan::rule_after(AttemptEnd end) const noexcept {
    const auto found = std::ranges::find(retries, end, &RetryRule::after);
    return found == retries.end() ? nullptr : &*found;
}

// ---- May we?

std::string_view to_string(DialRefusal refusal) noexcept {
    switch (refusal) {
        case DialRefusal::phone: return "phone";
        case DialRefusal::opted_out: return "opted_out";
        case DialRefusal::no_consent: return "no_consent";
        case DialRefusal::unknown_zone: return "unknown_zone";
        case DialRefusal::outside_hours: return "outside_hours";
    }
    return "?";
}

std::optional<DialRefusal> may_dial(const Patient& patient, CallType type, WallTime when, const DialWindow& window) {
    if (!is_e164(patient.phone)) return DialRefusal::phone;
    if (patient.opted_out) return DialRefusal::opted_out;
    // An enrollment call is the one that asks for this consent.
    if (!patient.consents.calls && type != CallType::enrollment) return DialRefusal::no_consent;
    if (is_always(window.hours)) return std::nullopt;
    const auto zones = zones_of(patient, window);
    if (zones.empty()) return DialRefusal::unknown_zone;
    if (!is_open(when, zones, window.hours, window.zones)) return DialRefusal::outside_hours;
    return std::nullopt;
}

Error to_error(DialRefusal refusal, const Patient& patient, WallTime when, const DialWindow& window) {
    switch (refusal) {
        case DialRefusal::phone: return {Errc::rejected, "the patient's phone number is not E.164", "phone"};
        case DialRefusal::opted_out:
            return {Errc::rejected, "the patient asked not to be called again", "consents.calls"};
        case DialRefusal::no_consent:
            return {Errc::rejected, "the patient has not consented to calls", "consents.calls"};
        case DialRefusal::unknown_zone:
            return {
                Errc::rejected,
                "nobody knows what time it is where the patient is: their time zone is unknown, and so are the zones "
                "of their phone number",
                "time_zone"};
        case DialRefusal::outside_hours: break;
    }
    const auto zones = zones_of(patient, window);
    const std::string hours = clock_text(window.hours.from_minute) + " to " + clock_text(window.hours.to_minute);
    if (zones.size() != 1)
        return {
            Errc::rejected,
            "the patient's time zone is unknown, and in one of the zones of their phone number it is outside " + hours,
            "scheduled_at"};
    const auto local = local_time(when, zones.front(), window.zones);
    return {Errc::rejected,
            "it is " + (local ? clock_text(local->minute_of_day) : "an unknown time") +
                " where the patient is; calls are made from " + hours,
            "scheduled_at"};
}

std::optional<WallTime> next_dial_time(const Patient& patient, WallTime time, const DialWindow& window) {
    return next_open(time, zones_of(patient, window), window.hours, window.zones);
}

// ---- Again?

AttemptEnd attempt_end(const Call& call, WallTime now) noexcept {
    switch (call.status) {
        case CallStatus::busy: return AttemptEnd::busy;
        case CallStatus::no_answer: return AttemptEnd::no_answer;
        case CallStatus::failed: return call.call_sid.empty() ? AttemptEnd::refused : AttemptEnd::failed;
        case CallStatus::completed: break;
        default: return AttemptEnd::settled;
    }
    switch (call.outcome) {
        case CallOutcome::voicemail: return AttemptEnd::machine;
        case CallOutcome::dropped: {
            const bool machine = call.answered_by == AnsweredBy::machine || call.answered_by == AnsweredBy::fax;
            return machine ? AttemptEnd::machine : AttemptEnd::dropped;
        }
        case CallOutcome::call_later: return AttemptEnd::call_later;
        case CallOutcome::no_answer: return AttemptEnd::no_answer;
        case CallOutcome::failed: return AttemptEnd::failed;
        case CallOutcome::none:
            return call.ended_at && now - *call.ended_at < outcome_patience ? AttemptEnd::undecided
                                                                            : AttemptEnd::dropped;
        default: return AttemptEnd::settled;
    }
}

NextStep next_step(const Patient& patient, const std::vector<Attempt>& attempts, WallTime ended_at,
                   const DialWindow& window) {
    using Kind = NextStep::Kind;
    if (attempts.empty()) return {};
    const auto last = attempts.back().end;
    if (last == AttemptEnd::settled || last == AttemptEnd::undecided) return {};
    if (window.plan.retries.empty()) return {};
    const auto* rule = window.plan.rule_after(last);
    if (rule == nullptr) return {.kind = Kind::give_up};
    const auto alike = std::ranges::count(attempts, last, &Attempt::end);
    if (rule->at_most > 0 && alike > rule->at_most) return {.kind = Kind::give_up};
    if (static_cast<int>(attempts.size()) >= window.plan.attempts_in_all) return {.kind = Kind::give_up};
    const auto at = find_time(patient, attempts, ended_at + rule->wait, *rule, window);
    if (!at) return {.kind = Kind::give_up};
    return {.kind = Kind::try_again, .at = *at, .goes_on = rule->goes_on && *at - ended_at <= goes_on_within};
}

std::string continued_dialogue(const std::string& dialogue_state) {
    auto before = dialogue_state_from_json(dialogue_state);
    if (before.has_error() || !before->identity_verified) return {};
    DialogueState state;
    state.topics = std::move(before->topics);
    for (auto& topic : state.topics) {
        if (topic.state == TopicState::asked || topic.topic == "identity") topic.state = TopicState::pending;
        // The dialogue takes a topic asked before identity for a call resumed, and does not introduce itself again.
        if (topic.state != TopicState::pending) state.asked[topic.topic] = before->asked[topic.topic];
    }
    state.facts = std::move(before->facts);
    for (const char* of_this_call : {"identity_verified", "answered_by"}) state.facts.erase(of_this_call);
    state.told = std::move(before->told);
    state.troubles = std::move(before->troubles);
    state.raised = std::move(before->raised);
    state.minimised = before->minimised;
    state.slower = before->slower;
    state.nurse_call_promised = before->nurse_call_promised;
    state.wording_seed = before->wording_seed;
    state.wordings_used = std::move(before->wordings_used);
    return to_json(state);
}

// ---- When in the first place?

std::vector<Suggestion> suggest_calls(const Patient& patient, WallTime now, const DialWindow& window) {
    std::vector<Suggestion> found;
    const auto zones = zones_of(patient, window);
    if (!patient.surgery_date || zones.empty()) return found;
    const int minute = window.plan.times_of_day.empty() ? window.hours.from_minute : window.plan.times_of_day.front();
    for (const auto& call : window.plan.suggested) {
        if (!call.families.empty() && !std::ranges::count(call.families, patient.procedure_family)) continue;
        const std::chrono::year_month_day date{std::chrono::sys_days{*patient.surgery_date} + days{call.day}};
        const auto moment = first_moment(date, minute, zones.front(), window.zones);
        const auto at = moment ? next_open(*moment, zones, window.hours, window.zones) : std::nullopt;
        if (at && *at > now) found.push_back({.day = call.day, .type = call.type, .at = *at});
    }
    return found;
}

std::optional<Suggestion> next_follow_up(const Patient& patient, WallTime now, bool alerted, const DialWindow& window) {
    std::optional<Suggestion> next;
    for (const auto& suggestion : suggest_calls(patient, now + same_day, window)) {
        if (suggestion.type != CallType::followup) continue;
        next = suggestion;
        break;
    }
    if (!alerted || !patient.surgery_date) return next;
    const auto tomorrow = next_dial_time(patient, now + after_alert, window);
    if (!tomorrow || (next && next->at <= *tomorrow)) return next;
    const auto today = std::chrono::floor<days>(*tomorrow);
    return Suggestion{.day = post_operative_day(patient, std::chrono::year_month_day{today}).value_or(0),
                      .type = CallType::followup,
                      .at = *tomorrow};
}

}  // namespace carevoice::domain
