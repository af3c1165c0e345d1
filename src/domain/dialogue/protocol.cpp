#include "domain/dialogue/protocol.h"

#include "domain/json_check.h"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace carevoice::domain::dialogue {
namespace {

using data::DataFault;
using data::Entry;
using data::parse_document;

namespace json = boost::json;

/// Every phrase that the conversation says by name.
constexpr std::array<std::string_view, 89> required_phrases{"greeting",
                                                            "who_is_this",
                                                            "who_is_this_verified",
                                                            "screening",
                                                            "voicemail",
                                                            "ask_identifiers",
                                                            "ask_identifiers_again",
                                                            "ask_date_of_birth",
                                                            "ask_date_keys",
                                                            "ask_name",
                                                            "identity_failed",
                                                            "wrong_number",
                                                            "other_person",
                                                            "verified",
                                                            "consent_given",
                                                            "consent_refused",
                                                            "consent_unclear",
                                                            "enrollment_refused",
                                                            "enrollment_unclear",
                                                            "thanks",
                                                            "thanks_number",
                                                            "thanks_better",
                                                            "thanks_worse",
                                                            "thanks_temperature",
                                                            "no_number",
                                                            "read_back",
                                                            "read_back_confirmed",
                                                            "team_told_today",
                                                            "team_told_again",
                                                            "concern_noted",
                                                            "nurse_will_call",
                                                            "unclear_move_on",
                                                            "hard_to_hear",
                                                            "still_there",
                                                            "still_there_opening",
                                                            "may_i_speak",
                                                            "nurse_all_right",
                                                            "silence_goodbye",
                                                            "call_later",
                                                            "silence_nurse",
                                                            "opted_out",
                                                            "repeat",
                                                            "slower",
                                                            "slower_again",
                                                            "declined",
                                                            "check_before_identity",
                                                            "check_cleared",
                                                            "goodbye_wish",
                                                            "time_is_up",
                                                            "close_thanks",
                                                            "close_nurse",
                                                            "close_number",
                                                            "close_call_today",
                                                            "close_emergency",
                                                            "goodbye",
                                                            "after_end",
                                                            "still_with_you",
                                                            "wishes_begin",
                                                            "wish_calls",
                                                            "wish_recording_yes",
                                                            "wish_recording_no",
                                                            "wish_hours",
                                                            "wish_number",
                                                            "wish_voicemail_yes",
                                                            "wish_voicemail_no",
                                                            "wish_helper",
                                                            "wish_helper_yes",
                                                            "wish_helper_no",
                                                            "wish_language",
                                                            "wish_way",
                                                            "wish_hearing",
                                                            "wishes_changed",
                                                            "ask_phone_digits",
                                                            "fetch_patient",
                                                            "hand_back",
                                                            "waiting",
                                                            "ask_caregiver",
                                                            "ask_caregiver_patient",
                                                            "verified_caregiver",
                                                            "number_more",
                                                            "number_same",
                                                            "number_less",
                                                            "more_than_last",
                                                            "thanks_same",
                                                            "thanks_fall",
                                                            "lesson_good",
                                                            "lesson_again",
                                                            "lesson_other_words",
                                                            "lesson_flagged"};

std::optional<AnswerKind> parse_answer_kind(std::string_view text) {
    for (const auto kind : {AnswerKind::none, AnswerKind::yes_no, AnswerKind::number, AnswerKind::temperature,
                            AnswerKind::date, AnswerKind::name_and_date, AnswerKind::choice, AnswerKind::story})
        if (to_string(kind) == text) return kind;
    return std::nullopt;
}

Condition read_condition(Entry entry) {
    Condition condition;
    condition.fact = entry.text("fact");
    condition.known = entry.flag("known");
    condition.is = entry.flag("is");
    condition.at_least = entry.number("at_least");
    condition.any_of = entry.texts_or_none("any_of");
    if (!condition.known && !condition.is && !condition.at_least && condition.any_of.empty())
        entry.fail("needs one of known, is, at_least, any_of");
    entry.finish();
    return condition;
}

AnswerAlert read_alert(Entry entry) {
    AnswerAlert alert;
    alert.answer = entry.flag_or("answer", true);
    const auto type = parse_alert_type(entry.text("type"));
    const auto severity = parse_severity(entry.text("severity"));
    if (!type) entry.fail("type is unknown");
    if (!severity) entry.fail("severity is unknown");
    alert.type = *type;
    alert.severity = *severity;
    alert.rule = entry.text("rule");
    entry.finish();
    return alert;
}

Lesson read_lesson(Entry entry) {
    Lesson lesson;
    lesson.tell = entry.texts("tell");
    for (auto& point_entry : entry.entries_or_none("points")) {
        KeyPoint point;
        point.name = point_entry.text("name");
        point.phrases = point_entry.texts("phrases");
        point.partly = point_entry.texts_or_none("partly");
        point.wrong = point_entry.texts_or_none("wrong");
        point.wrong_is_dangerous = point_entry.flag_or("wrong_is_dangerous", false);
        point.explain = point_entry.text("explain");
        point.explain_again = point_entry.text("explain_again");
        point_entry.finish();
        lesson.points.push_back(std::move(point));
    }
    if (lesson.points.empty()) entry.fail("points is missing or empty");
    entry.finish();
    return lesson;
}

void read_lessons(Entry& entry, Topic& topic) {
    auto lessons = entry.entry_or_none("lessons");
    if (!lessons) return;
    for (const auto family : {"joint", "abdominal", "cardiac", "generic"})
        if (auto lesson = lessons->entry_or_none(family))
            topic.lessons.emplace(family, read_lesson(std::move(*lesson)));
    if (!topic.lessons.contains("generic")) lessons->fail("generic is missing");
    lessons->finish();
}

void read_questions(Entry& entry, Topic& topic) {
    auto ask = entry.entry_or_none("ask");
    if (!ask) entry.fail("ask is missing");
    topic.ask[0] = ask->texts("first");
    topic.ask[1] = topic.asks > 1 ? ask->texts("again") : ask->texts_or_none("again");
    topic.ask[2] = topic.asks > 2 ? ask->texts("last") : ask->texts_or_none("last");
    topic.ask_blood_thinner = ask->texts_or_none("first_blood_thinner");
    ask->finish();
}

Topic read_topic(Entry entry) {
    Topic topic;
    topic.name = entry.text("name");
    entry = Entry(entry.object(), entry.where() + " (" + topic.name + ")");
    entry.text("name");
    const auto answers = parse_answer_kind(entry.text("answers"));
    if (!answers) entry.fail("answers is unknown");
    topic.answers = *answers;
    topic.asks = static_cast<int>(entry.number_or("asks", asks_max, 1, asks_max));
    read_questions(entry, topic);
    topic.keys = static_cast<int>(entry.number_or("keys", 0, 0, 8));
    topic.key_words = entry.texts_or_none("key_words");
    if (topic.key_words.empty() && topic.answers == AnswerKind::yes_no) topic.key_words = {"yes", "no"};
    topic.patience = milliseconds(entry.number_or("patience_ms", 8000, 2000, 30000));
    topic.speech_prompt = entry.text_or("speech_prompt", "");
    topic.reads_back = entry.flag_or("reads_back", false);
    topic.important = entry.flag_or("important", false);
    topic.clinical = entry.flag_or("clinical", true);
    topic.read_as = entry.text_or("read_as", topic.name);
    topic.sets = entry.text_or("sets", "");
    topic.known_by = entry.texts_or_none("known_by");
    for (const auto& name : entry.texts_or_none("families")) {
        const auto family = parse_procedure_family(name);
        if (!family) entry.fail("families holds an unknown family");
        topic.families.push_back(*family);
    }
    if (const auto day = entry.number("from_day")) topic.from_day = static_cast<int>(*day);
    if (const auto day = entry.number("to_day")) topic.to_day = static_cast<int>(*day);
    topic.on_demand = entry.flag_or("on_demand", false);
    topic.fixed = entry.flag_or("fixed", false);
    topic.follows = entry.text_or("follows", "");
    for (auto& condition : entry.entries_or_none("when")) topic.when.push_back(read_condition(std::move(condition)));
    for (auto& alert : entry.entries_or_none("alerts")) topic.alerts.push_back(read_alert(std::move(alert)));
    read_lessons(entry, topic);
    entry.finish();
    return topic;
}

void read_state_of_mind(Entry& document, Protocol& protocol) {
    protocol.minimisers = document.texts_or_none("minimisers");
    protocol.low_mood = document.texts_or_none("low_mood");
    for (auto& entry : document.entries_or_none("troubles")) {
        protocol.troubles.push_back({entry.text("name"), entry.text("words"), entry.texts("phrases")});
        entry.finish();
    }
}

void check_names(const Protocol& protocol, const Entry& document) {
    std::set<std::string> seen;
    for (const auto& topic : protocol.topics) {
        if (!seen.insert(topic.name).second) document.fail("topic " + topic.name + " stands twice");
        if (!topic.follows.empty() && !seen.contains(topic.follows))
            document.fail("topic " + topic.name + " follows one that does not stand before it");
    }
    if (protocol.topics.empty() || protocol.topics.front().name != "identity")
        document.fail("the first topic must be identity");
}

}  // namespace

const Topic* Protocol::find(std::string_view topic) const {
    const auto found = std::ranges::find(topics, topic, &Topic::name);
    return found == topics.end() ? nullptr : &*found;
}

const Wordings& WordingBook::of(std::string_view phrase) const {
    return phrases.at(std::string(phrase));
}

Result<Protocol> load_protocol(std::string_view file, std::string_view text) {
    try {
        json::value storage;
        Entry document(parse_document(file, text, storage), std::string(file));
        Protocol protocol;
        document.number_or("version", 1, 1, 1);
        protocol.name = document.text("name");
        protocol.purpose = document.texts("purpose");
        protocol.purpose_before = document.texts_or_none("purpose_before");
        protocol.safety = document.texts("safety");
        read_state_of_mind(document, protocol);
        for (auto& entry : document.entries_or_none("topics")) protocol.topics.push_back(read_topic(std::move(entry)));
        document.finish();
        check_names(protocol, document);
        return protocol;
    } catch (const DataFault& fault) {
        return Error{.code = Errc::corrupt, .detail = fault.what()};
    }
}

Result<WordingBook> load_wording(std::string_view file, std::string_view text) {
    try {
        json::value storage;
        Entry document(parse_document(file, text, storage), std::string(file));
        WordingBook book;
        document.number_or("version", 1, 1, 1);
        book.machine_greetings = document.texts("machine_greetings");
        book.wrong_number = document.texts("wrong_number");
        book.call_screening = document.texts("call_screening");
        book.blood_thinners = document.texts("blood_thinners");
        auto phrases = document.entry_or_none("phrases");
        auto emergencies = document.entry_or_none("emergencies");
        if (!phrases || !emergencies) document.fail("phrases or emergencies is missing");
        for (const auto phrase : required_phrases) book.phrases.emplace(phrase, phrases->texts(phrase));
        phrases->finish();
        for (const auto rule : {"E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9"}) {
            auto entry = emergencies->entry_or_none(rule);
            if (!entry) emergencies->fail(std::string(rule) + " is missing");
            EmergencyWords words{entry->text("text"), entry->text("before_identity")};
            entry->finish();
            book.emergencies.emplace(rule, std::move(words));
        }
        emergencies->finish();
        document.finish();
        return book;
    } catch (const DataFault& fault) {
        return Error{.code = Errc::corrupt, .detail = fault.what()};
    }
}

}  // namespace carevoice::domain::dialogue
