#include "simulator/scenario.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <fstream>
#include <iterator>
#include <utility>

namespace carevoice::simulator {

namespace json = boost::json;

namespace {

using Texts = std::vector<std::string>;

/// Reads the members of one object and remembers the first fault, so that each line of reading stays one line.
class Reader {
public:
    Reader(const json::object* object, std::string place, std::optional<Error>& fault)
        : object_(object), place_(std::move(place)), fault_(fault) {}

    void text(std::string_view name, std::string& out, bool required = true) {
        if (const auto* value = find(name, required)) {
            if (const auto* string = value->if_string())
                out.assign(string->begin(), string->end());
            else
                fail(name, "must be a string");
        }
    }

    void flag(std::string_view name, bool& out, bool required) {
        if (const auto* value = find(name, required)) {
            if (const auto* flag = value->if_bool())
                out = *flag;
            else
                fail(name, "must be true or false");
        }
    }

    void number(std::string_view name, double& out, bool required) {
        if (const auto* value = find(name, required)) {
            if (value->is_number())
                out = value->to_number<double>();
            else
                fail(name, "must be a number");
        }
    }

    void texts(std::string_view name, Texts& out, bool required = false) {
        if (const auto* value = find(name, required)) take_texts(*value, name, out);
    }

    Reader inner(std::string_view name, bool required = true) {
        const auto* value = find(name, required);
        if (value != nullptr && !value->is_object()) fail(name, "must be an object");
        return {value != nullptr ? value->if_object() : nullptr, path(name) + ".", fault_};
    }

    const json::array* list(std::string_view name, bool required) {
        const auto* value = find(name, required);
        if (value == nullptr) return nullptr;
        if (!value->is_array()) fail(name, "must be a list");
        return value->if_array();
    }

    void take_texts(const json::value& value, std::string_view name, Texts& out) {
        const auto* array = value.if_array();
        if (array == nullptr) return fail(name, "must be a list of strings");
        for (const auto& entry : *array) {
            const auto* string = entry.if_string();
            if (string == nullptr) return fail(name, "must be a list of strings");
            out.emplace_back(string->begin(), string->end());
        }
    }

    void fail(std::string_view name, std::string_view what) {
        if (fault_) return;
        fault_ = Error{.code = Errc::corrupt, .detail = path(name) + " " + std::string(what), .field = path(name)};
    }

    [[nodiscard]] const json::object* object() const { return object_; }
    [[nodiscard]] std::string path(std::string_view name) const { return place_ + std::string(name); }

private:
    const json::value* find(std::string_view name, bool required) {
        const auto* value = object_ != nullptr ? object_->if_contains(name) : nullptr;
        if (value != nullptr && !value->is_null()) return value;
        if (required) fail(name, "is missing");
        return nullptr;
    }

    const json::object* object_;
    std::string place_;
    std::optional<Error>& fault_;
};

void read_persona(Reader reader, Persona& persona) {
    reader.text("first_name", persona.first_name);
    reader.text("last_name", persona.last_name);
    reader.text("dob", persona.date_of_birth);
    reader.text("voice", persona.voice, false);
    std::string lives;
    reader.text("lives", lives, false);
    persona.lives_alone = lives == "alone";
}

void read_behaviour(Reader reader, Behaviour& behaviour) {
    static constexpr std::array<std::pair<std::string_view, WhoAnswers>, 5> names{{
        {"patient", WhoAnswers::patient},
        {"stranger", WhoAnswers::stranger},
        {"machine", WhoAnswers::machine},
        {"no_answer", WhoAnswers::no_answer},
        {"busy", WhoAnswers::busy},
    }};
    std::string who = "patient";
    reader.text("answered_by", who, false);
    bool known = false;
    for (const auto& [name, value] : names) {
        if (name != who) continue;
        behaviour.answered_by = value;
        known = true;
    }
    if (!known) reader.fail("answered_by", "must be patient, stranger, machine, no_answer or busy");
    Texts silent;
    reader.texts("silent_on", silent);
    behaviour.silent_on.insert(silent.begin(), silent.end());
    reader.text("hangs_up_after", behaviour.hangs_up_after, false);
    reader.flag("barge_in", behaviour.barge_in, false);
    reader.number("beep_after_s", behaviour.beep_after_seconds, false);
    if (behaviour.beep_after_seconds < 0 || behaviour.beep_after_seconds > 60)
        reader.fail("beep_after_s", "must be 0 to 60");
}

void read_must_say(Reader& reader, std::vector<Texts>& out) {
    const auto* list = reader.list("must_say", false);
    if (list == nullptr) return;
    for (const auto& entry : *list) {
        Texts any;
        if (const auto* one = entry.if_string())
            any.emplace_back(one->begin(), one->end());
        else
            reader.take_texts(entry, "must_say", any);
        out.push_back(std::move(any));
    }
}

void read_expected_alerts(Reader& reader, std::optional<Error>& fault, std::vector<ExpectedAlert>& out) {
    const auto* list = reader.list("alerts", true);
    if (list == nullptr) return;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const auto place = reader.path("alerts[") + std::to_string(i) + "].";
        Reader entry((*list)[i].if_object(), place, fault);
        ExpectedAlert alert;
        entry.text("type", alert.type);
        entry.text("severity", alert.severity);
        entry.texts("accept", alert.accept);
        entry.texts("channels", alert.channels);
        alert.accept.push_back(alert.severity);
        out.push_back(std::move(alert));
    }
}

void read_expectations(Reader reader, std::optional<Error>& fault, Expectations& expect) {
    reader.text("outcome", expect.outcome);
    reader.flag("identity_verified", expect.identity_verified, true);
    if (const auto* data = reader.inner("data").object()) expect.data = *data;
    read_expected_alerts(reader, fault, expect.alerts);
    reader.texts("optional_alerts", expect.optional_alerts);
    read_must_say(reader, expect.must_say);
    reader.texts("must_not_say", expect.must_not_say);
    reader.texts("must_not_say_before_identity", expect.must_not_say_before_identity);
    reader.texts("must_ask", expect.must_ask);
    reader.texts("may_skip", expect.may_skip);
}

Scenario read_scenario(Reader reader, std::optional<Error>& fault) {
    Scenario scenario;
    reader.text("id", scenario.id);
    reader.text("title", scenario.title);
    reader.text("call_type", scenario.call_type);
    read_persona(reader.inner("persona"), scenario.persona);
    auto procedure = reader.inner("procedure");
    procedure.text("name", scenario.procedure);
    procedure.text("family", scenario.procedure_family);
    double day = 0;
    procedure.number("post_op_day", day, true);
    scenario.post_op_day = static_cast<int>(day);
    reader.texts("medications", scenario.medications);
    if (const auto* prior = reader.inner("prior", false).object()) scenario.prior = *prior;
    read_behaviour(reader.inner("behaviour"), scenario.behaviour);
    auto answers = reader.inner("answers");
    if (const auto* topics = answers.object())
        for (const auto& [topic, texts] : *topics) answers.take_texts(texts, topic, scenario.answers[topic]);
    reader.texts("default", scenario.default_answers, true);
    read_expectations(reader.inner("expect"), fault, scenario.expect);
    return scenario;
}

}  // namespace

bool Scenario::mumbles() const {
    return persona.voice.find("quiet") != std::string::npos || persona.voice.find("mumbl") != std::string::npos;
}

Result<ScenarioFile> parse_scenarios(std::string_view text) {
    boost::system::error_code failure;
    const auto value = json::parse(text, failure);
    if (failure) return Error{.code = Errc::corrupt, .detail = "not JSON: " + failure.message()};
    std::optional<Error> fault;
    Reader reader(value.if_object(), "", fault);
    ScenarioFile file;
    auto channels = reader.inner("channel_map", false);
    if (const auto* map = channels.object())
        for (const auto& [severity, names] : *map)
            channels.take_texts(names, severity, file.channels_of_severity[severity]);
    if (const auto* list = reader.list("scenarios", true)) {
        std::set<std::string> ids;
        for (std::size_t i = 0; i < list->size() && !fault; ++i) {
            const std::string place = "scenarios[" + std::to_string(i) + "].";
            Reader entry((*list)[i].if_object(), place, fault);
            auto scenario = read_scenario(std::move(entry), fault);
            if (!ids.insert(scenario.id).second) reader.fail("scenarios", "has two of the id " + scenario.id);
            file.scenarios.push_back(std::move(scenario));
        }
    }
    if (fault) return *fault;
    return file;
}

Result<ScenarioFile> load_scenarios(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return Error{.code = Errc::not_found, .detail = "cannot read the scenarios file " + file.string()};
    const std::string text(std::istreambuf_iterator<char>(in), {});
    return parse_scenarios(text);
}

}  // namespace carevoice::simulator
