// The wishes of somebody who joins the service: kept as facts, read back before the end, corrected when they were
// misheard.
#include "domain/dialogue/conversation.h"
#include "domain/dialogue/preferences.h"
#include "domain/dialogue/words.h"

#include "core/text.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace carevoice::domain::dialogue {
namespace {

/// "14:00" -> "two in the afternoon".
std::string hour_in_words(std::string_view clock) {
    const auto hour = static_cast<int>(parse_digits(clock.substr(0, 2)).value_or(0) % 24);
    if (hour == 12) return "noon";
    const auto* part = hour < 12 ? " in the morning" : hour < 17 ? " in the afternoon" : " in the evening";
    return in_words(hour < 12 ? hour : hour - 12) + part;
}

std::string listed(const FactValue& value) {
    const auto* texts = std::get_if<std::vector<std::string>>(&value);
    std::string out;
    for (std::size_t i = 0; texts != nullptr && i < texts->size(); ++i) {
        if (i > 0) out += i + 1 == texts->size() ? " and " : ", ";
        out += (*texts)[i];
    }
    return out;
}

std::string days_in_words(const Facts& facts) {
    std::string out;
    if (const auto days = facts.find("preferred_days"); days != facts.end()) out += ", on " + listed(days->second);
    if (const auto days = facts.find("excluded_days"); days != facts.end())
        out += ", but not on " + listed(days->second);
    return out;
}

/// "Paul, your son, at five five five, zero one four two".
std::string helper_in_words(const Facts& facts) {
    const auto name = text_fact(facts, "caregiver_name");
    const auto relation = text_fact(facts, "caregiver_relation");
    std::string out = name.value_or(relation ? "your " + *relation : "somebody at home");
    if (name && relation) out += ", your " + *relation;
    if (const auto phone = text_fact(facts, "caregiver_phone")) out += ", at " + phone_in_words(*phone);
    return out;
}

bool doubts(std::string_view padded) {
    constexpr std::array<std::string_view, 6> phrases{"not right",    "isnt right", "not correct",
                                                      "isnt correct", "not it",     "wrong"};
    return std::ranges::any_of(phrases, [&](std::string_view phrase) { return has_phrase(padded, phrase); });
}

/// "415-555-0142" and, as somebody with the number `own` says it, "555-0142" in E.164. Empty when it is no number of
/// the North American plan: exchange and area code begin with 2 to 9.
std::string dialable(std::string_view said, std::string_view own) {
    std::string digits;
    std::ranges::copy_if(said, std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
    const bool at_home = own.size() == 12 && own.starts_with("+1");
    if (digits.size() == 7 && at_home) digits.insert(0, own.substr(2, 3));
    const bool fits = digits.size() == 10 && digits[0] >= '2' && digits[3] >= '2';
    return fits ? "+1" + digits : std::string();
}

}  // namespace

void Conversation::read_back_wishes() {
    const auto& facts = state_.facts;
    speech_.say("wishes_begin");
    if (flag_fact(facts, "consent_calls") == true) speech_.say("wish_calls");
    if (const auto recording = flag_fact(facts, "consent_recording"))
        speech_.say(*recording ? "wish_recording_yes" : "wish_recording_no");
    const auto from = text_fact(facts, "preferred_start");
    const auto to = text_fact(facts, "preferred_end");
    if (from && to)
        speech_.say("wish_hours",
                    {{"from", hour_in_words(*from)}, {"to", hour_in_words(*to)}, {"days", days_in_words(facts)}});
    if (const auto phone = text_fact(facts, "best_phone"))
        speech_.say("wish_number", {{"number", phone_in_words(*phone)}});
    if (const auto voicemail = flag_fact(facts, "voicemail_ok"))
        speech_.say(*voicemail ? "wish_voicemail_yes" : "wish_voicemail_no");
    if (flag_fact(facts, "caregiver_present") == true) {
        speech_.say("wish_helper", {{"helper", helper_in_words(facts)}});
        if (const auto may = flag_fact(facts, "caregiver_may_discuss"))
            speech_.say(*may ? "wish_helper_yes" : "wish_helper_no");
    }
    if (const auto language = text_fact(facts, "language"))
        speech_.say("wish_language", {{"language", language_name(*language)}});
    if (const auto way = text_fact(facts, "preferred_way")) speech_.say("wish_way", {{"way", *way}});
    if (flag_fact(facts, "hearing_difficulty") == true) speech_.say("wish_hearing");
}

void Conversation::note_asides(const std::string& text) {
    if (context_.call_type != CallType::enrollment) return;
    for (const auto& [name, value] : hear_asides(state_.topic, text)) put(name, value);
    if (flag_fact(step_.learned, "hearing_difficulty") == true) state_.slower = true;
}

bool Conversation::confirms_wishes(const Topic& topic, const std::string& text) const {
    if (!topic.reads_back) return false;
    const auto padded = padded_words(text);
    const auto has = [&](std::string_view phrase) { return has_phrase(padded, phrase); };
    constexpr std::array<std::string_view, 8> assents{"right",    "correct",     "thats it",   "that is it",
                                                      "all good", "sounds good", "looks good", "all fine"};
    return std::ranges::any_of(assents, has) && !doubts(padded);
}

bool Conversation::correct_wishes(const Topic& topic, const std::string& text, std::optional<bool> yes_no) {
    if (!topic.reads_back) return false;
    const auto corrected = hear_corrections(text, yes_no);
    if (corrected.empty()) return false;
    for (const auto& [name, value] : corrected) {
        // Other days replace the days that were misheard.
        if (std::holds_alternative<std::vector<std::string>>(value)) state_.facts.erase(name);
        put(name, value);
    }
    store_consents();
    speech_.say_if_new("wishes_changed");
    return true;
}

void Conversation::store_wishes(const std::string& text, bool corrected) {
    const bool refused = doubts(padded_words(text)) && !corrected;
    // Nobody makes themselves a caregiver.
    if (context_.call_type != CallType::enrollment || state_.by_caregiver || refused) return;
    const auto& facts = state_.facts;
    const auto& on_record = context_.patient->caregiver;
    if (const auto language = text_fact(facts, "language"); language && *language != context_.patient->language)
        step_.language = language;
    const auto name = text_fact(facts, "caregiver_name");
    const auto phone = text_fact(facts, "caregiver_phone");
    if (flag_fact(facts, "caregiver_present") != true || !name) return;
    Caregiver named{.name = *name,
                    .phone = phone ? dialable(*phone, context_.patient->phone) : std::string(),
                    .authorised = flag_fact(facts, "caregiver_may_discuss").value_or(false)};
    // "Paul" is the Paul Albrecht of the record.
    if (on_record && (on_record->name == *name || on_record->name.starts_with(*name + " "))) {
        named.name = on_record->name;
        if (!phone) named.phone = on_record->phone;
    }
    if (!named.phone.empty() && named != on_record) step_.caregiver = std::move(named);
}

}  // namespace carevoice::domain::dialogue
