// The call plan as data, checked whole when the program starts.
#include "core/text.h"
#include "domain/call_plan.h"
#include "domain/json_check.h"
#include "domain/time_zone.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace carevoice::domain {

namespace {

using data::Entry;

constexpr std::string_view file = "protocols/call_plan.json";
constexpr std::int64_t wait_minutes_max = 10'080;  // a week
constexpr std::int64_t day_max = 365;

int whole(Entry& entry, std::string_view name, std::int64_t fallback, std::int64_t least, std::int64_t most) {
    return static_cast<int>(entry.number_or(name, fallback, least, most));
}

int minute_of_day(const std::string& text, const Entry& entry) {
    const auto hour = text.size() == 5 && text[2] == ':' ? parse_digits(text.substr(0, 2)) : std::nullopt;
    const auto minute = hour ? parse_digits(text.substr(3)) : std::nullopt;
    if (!minute || *hour > 23 || *minute > 59) entry.fail("\"times_of_day\" are like \"09:30\"");
    return static_cast<int>(*hour * 60 + *minute);
}

RetryRule read_rule(Entry& entry) {
    RetryRule rule;
    const auto after = parse_attempt_end(entry.text("after"));
    const bool fits =
        after && *after != AttemptEnd::settled && *after != AttemptEnd::undecided && *after != AttemptEnd::refused;
    if (!fits) entry.fail("\"after\" is no end of an attempt that another one may follow");
    rule.after = *after;
    const auto wait = entry.number_or("wait_minutes", 0, 0, wait_minutes_max);
    if (wait < 1) entry.fail("\"wait_minutes\" is at least 1");
    rule.wait = std::chrono::minutes{wait};
    rule.at_most = whole(entry, "at_most", 0, 0, 100);
    rule.another_time = entry.flag_or("another_time", false);
    rule.goes_on = entry.flag_or("goes_on", false);
    rule.reason = entry.text("reason");
    entry.finish();
    return rule;
}

double price(Entry& entry, std::string_view name) {
    const auto value = entry.number(name);
    if (!value || *value < 0 || *value > 100) entry.fail("\"" + std::string(name) + "\" is a price in dollars");
    return *value;
}

void read_suggestions(Entry& entry, std::vector<SuggestedCall>& suggested) {
    SuggestedCall call;
    const auto type = parse_call_type(entry.text("call_type"));
    if (!type) entry.fail("\"call_type\" is none");
    call.type = *type;
    for (const auto& name : entry.texts_or_none("families")) {
        const auto family = parse_procedure_family(name);
        if (!family) entry.fail("\"families\" holds an unknown one");
        call.families.push_back(*family);
    }
    const auto* days = entry.object().if_contains("days");
    if (days == nullptr || !days->is_array() || days->get_array().empty()) entry.fail("\"days\" is a list");
    for (const auto& day : days->get_array()) {
        if (!day.is_int64() || day.get_int64() < 0 || day.get_int64() > day_max) entry.fail("\"days\" are 0 to 365");
        call.day = static_cast<int>(day.get_int64());
        suggested.push_back(call);
    }
}

void read_zones(const Entry& entry, ZonesByPrefix& zones) {
    for (const auto& member : entry.object()) {
        const std::string prefix(member.key());
        if (!parse_digits(prefix) || prefix.size() > 7) entry.fail("prefixes are 1 to 7 digits");
        if (!member.value().is_array() || member.value().get_array().empty()) entry.fail("each prefix has zones");
        for (const auto& zone : member.value().get_array()) {
            if (!zone.is_string() || !is_known_time_zone(zone.get_string()))
                entry.fail(prefix + " has an unknown zone");
            zones[prefix].emplace_back(zone.get_string());
        }
    }
}

void read_parts(Entry& document, CallPlan& plan) {
    for (auto& entry : document.entries_or_none("retries")) {
        auto rule = read_rule(entry);
        if (plan.rule_after(rule.after) != nullptr) entry.fail("there is a rule for this end already");
        plan.retries.push_back(std::move(rule));
    }
    if (auto unreachable = document.entry_or_none("unreachable")) {
        plan.unreachable_rule = unreachable->text("rule");
        const auto severity = parse_severity(unreachable->text("severity"));
        if (!severity) unreachable->fail("\"severity\" is none");
        plan.unreachable_severity = *severity;
        unreachable->finish();
    }
    if (auto cost = document.entry_or_none("cost")) {
        plan.cost = {.call_usd = price(*cost, "call_usd"),
                     .minute_usd = price(*cost, "minute_usd"),
                     .minutes = whole(*cost, "minutes", 5, 1, 240)};
        cost->finish();
    }
    for (auto& entry : document.entries_or_none("suggested_calls")) read_suggestions(entry, plan.suggested);
    std::ranges::stable_sort(plan.suggested, {}, &SuggestedCall::day);
    if (auto zones = document.entry_or_none("zones_by_prefix")) read_zones(*zones, plan.zones_by_prefix);
}

}  // namespace

Result<CallPlan> CallPlan::load(std::string_view text) {
    try {
        boost::json::value storage;
        Entry document(data::parse_document(file, text, storage), std::string(file));
        document.number_or("version", 1, 1, 1);
        CallPlan plan;
        plan.attempts_a_day = whole(document, "attempts_a_day", 3, 1, 10);
        plan.attempts_in_all = whole(document, "attempts_in_all", 6, 1, 30);
        for (const auto& time : document.texts("times_of_day"))
            plan.times_of_day.push_back(minute_of_day(time, document));
        read_parts(document, plan);
        document.finish();
        return plan;
    } catch (const data::DataFault& fault) {
        return Error{Errc::corrupt, fault.what()};
    }
}

}  // namespace carevoice::domain
