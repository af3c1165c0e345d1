#include "domain/clinical/rules.h"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

namespace carevoice::domain::clinical {

namespace {

namespace json = boost::json;

enum Quantity : std::uint32_t { pain, temp, pod };
enum Subject : std::uint32_t { question, call_type, family };

constexpr std::size_t depth_max = 40;

bool name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

Error wrong(const std::string& where, const std::string& what) {
    return Error{Errc::corrupt, "protocols/rules.json: " + where + ": " + what, where};
}

}  // namespace

// Recursive descent over one condition. `error_` holds the first thing that was wrong.
class RuleBook::Parser {
public:
    Parser(std::string_view text, std::vector<Node>& nodes, const Lexicon& lexicon)
        : text_(text), nodes_(nodes), lexicon_(lexicon) {}

    Result<std::uint32_t> run() {
        const std::uint32_t root = alternatives(0);
        skip();
        if (error_.empty() && at_ < text_.size()) error_ = "unexpected \"" + std::string(text_.substr(at_)) + "\"";
        if (!error_.empty()) return Error{Errc::corrupt, error_};
        return root;
    }

private:
    void skip() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }
    bool take(std::string_view sign) {
        skip();
        if (!text_.substr(at_).starts_with(sign)) return false;
        at_ += sign.size();
        return true;
    }
    std::string name() {
        skip();
        const std::size_t from = at_;
        while (at_ < text_.size() && name_char(text_[at_])) ++at_;
        return std::string(text_.substr(from, at_ - from));
    }
    std::uint32_t put(Node node) {
        nodes_.push_back(std::move(node));
        return static_cast<std::uint32_t>(nodes_.size() - 1);
    }
    std::uint32_t fail(std::string why) {
        if (error_.empty()) error_ = std::move(why);
        at_ = text_.size();
        return put({});
    }

    std::uint32_t alternatives(std::size_t depth) {
        if (depth > depth_max) return fail("nested too deeply");
        Node node{Op::any, 0, {}, 0, {both(depth)}};
        while (take("|")) node.children.push_back(both(depth));
        return node.children.size() == 1 ? node.children.front() : put(std::move(node));
    }

    std::uint32_t both(std::size_t depth) {
        Node node{Op::all, 0, {}, 0, {single(depth)}};
        while (take("&")) node.children.push_back(single(depth));
        return node.children.size() == 1 ? node.children.front() : put(std::move(node));
    }

    std::uint32_t single(std::size_t depth) {
        if (depth > depth_max) return fail("nested too deeply");
        if (take("!")) return put({Op::negate, 0, {}, 0, {single(depth + 1)}});
        if (take("(")) {
            const std::uint32_t inner = alternatives(depth + 1);
            if (!take(")")) return fail("missing )");
            return inner;
        }
        const std::string word = name();
        if (word.empty()) return fail("a name is missing");
        if (word == "at_least") return counted(depth);
        if (word == "takes") return bracketed_class();
        if (word == "rising") return put({Op::rising, 0, {}, 0, {}});
        if (word == "with_symptom") return put({Op::with_symptom, 0, {}, 0, {}});
        if (word == "pain") return quantity(pain);
        if (word == "temp") return quantity(temp);
        if (word == "pod") return quantity(pod);
        if (word == "question") return subject(question);
        if (word == "call_type") return subject(call_type);
        if (word == "family") return subject(family);
        if (word == "answer") return expected_answer();
        const auto entry = lexicon_.find(word);
        if (!entry) return fail("unknown concept " + word);
        return put({Op::finding, *entry, {}, 0, {}});
    }

    std::uint32_t counted(std::size_t depth) {
        if (!take("(")) return fail("at_least needs (number, concepts…)");
        const std::string least = name();
        Node node{Op::count, 0, {}, 0, {}};
        const auto parsed = std::from_chars(least.data(), least.data() + least.size(), node.id);
        if (parsed.ec != std::errc{} || node.id == 0) return fail("at_least needs a number first");
        while (take(",")) node.children.push_back(alternatives(depth + 1));
        if (!take(")") || node.children.size() < node.id) return fail("at_least has too few choices or no )");
        return put(std::move(node));
    }

    std::uint32_t bracketed_class() {
        if (!take("(")) return fail("takes needs (class)");
        Node node{Op::takes, 0, name(), 0, {}};
        const bool known = std::any_of(lexicon_.drugs().begin(), lexicon_.drugs().end(),
                                       [&](const Drug& drug) { return drug.drug_class == node.text; });
        if (!known || !take(")")) return fail("takes needs a class of drugs in ( )");
        return put(std::move(node));
    }

    std::uint32_t quantity(Quantity which) {
        Node node{Op::number, which, {}, 0, {}};
        for (const std::string_view sign : {">=", "<=", ">", "<", "=="}) {
            if (!take(sign)) continue;
            node.text = sign;
            break;
        }
        const std::string value = name();
        const auto parsed = std::from_chars(value.data(), value.data() + value.size(), node.value);
        if (node.text.empty() || value.empty() || parsed.ec != std::errc{}) return fail("a number wants a comparison");
        return put(std::move(node));
    }

    std::uint32_t subject(Subject which) {
        if (!take("==")) return fail("== is missing");
        Node node{Op::text, which, name(), 0, {}};
        return node.text.empty() ? fail("nothing to compare with") : put(std::move(node));
    }

    std::uint32_t expected_answer() {
        if (!take("==")) return fail("== is missing");
        const std::string wanted = name();
        if (wanted != "yes" && wanted != "no") return fail("answer is yes or no");
        return put({Op::answer, wanted == "yes" ? 1U : 0U, {}, 0, {}});
    }

    std::string_view text_;
    std::vector<Node>& nodes_;
    const Lexicon& lexicon_;
    std::size_t at_ = 0;
    std::string error_;
};

// Reads and checks the rules one by one.
struct RuleBook::Loader {
    RuleBook& book;
    const Lexicon& lexicon;

    Result<std::uint32_t> condition(const json::value* value, const std::string& where) const {
        if (value == nullptr || !value->is_string()) return wrong(where, "has no condition");
        auto parsed = Parser(std::string_view(value->get_string()), book.nodes_, lexicon).run();
        if (!parsed) return wrong(where, parsed.error().detail);
        return parsed;
    }

    Result<> rule(const json::value& value, std::size_t number) const {
        const json::object* fields = value.if_object();
        std::string where = "rules[" + std::to_string(number) + "]";
        if (fields == nullptr) return wrong(where, "is no object");
        const auto text = [&](std::string_view key) {
            const json::value* field = fields->if_contains(key);
            return field != nullptr && field->is_string() ? std::string(field->get_string()) : std::string();
        };
        Rule rule;
        rule.id = text("id");
        if (rule.id.empty()) return wrong(where, "has no id");
        where = rule.id;
        const bool twice =
            std::any_of(book.rules_.begin(), book.rules_.end(), [&](auto& r) { return r.id == rule.id; });
        if (twice) return wrong(where, "is there twice");
        const json::value* version = fields->if_contains("version");
        if (version == nullptr || !version->is_int64() || version->get_int64() < 1 || version->get_int64() > 9999) {
            return wrong(where, "version has to be a whole number from 1");
        }
        rule.version = static_cast<int>(version->get_int64());
        const auto type = parse_alert_type(text("type"));
        const auto severity = parse_severity(text("severity"));
        if (!type || !severity) return wrong(where, "type or severity is unknown");
        if (text("source").empty()) return wrong(where, "has no source");
        rule.type = *type;
        rule.severity = *severity;
        auto when = condition(fields->if_contains("when"), where);
        if (!when) return when.error();
        rule.when = *when;
        if (const json::value* raises = fields->if_contains("raise")) {
            if (!raises->is_object()) return wrong(where, "raise has to map severities to conditions");
            for (const auto& [name, higher] : raises->get_object()) {
                const auto to = parse_severity(name);
                if (!to || *to <= rule.severity) return wrong(where, "raise has to name a higher severity");
                auto parsed = condition(&higher, where + ".raise");
                if (!parsed) return parsed.error();
                rule.raises.emplace_back(*to, *parsed);
            }
        }
        if (const json::value* step = fields->if_contains("step_up")) {
            auto parsed = condition(step, where + ".step_up");
            if (!parsed) return parsed.error();
            rule.step_up = *parsed;
        }
        book.rules_.push_back(std::move(rule));
        return {};
    }
};

Result<std::uint32_t> RuleBook::add_condition(std::string_view text, const Lexicon& lexicon) {
    return Parser(text, nodes_, lexicon).run();
}

bool RuleBook::holds(std::uint32_t condition, const Findings& findings) const {
    std::vector<Findings::Span> spans;
    return evaluate(condition, findings, spans);
}

Result<RuleBook> RuleBook::load(std::string_view text, const Lexicon& lexicon) {
    boost::system::error_code failed;
    const json::value root = json::parse(json::string_view(text.data(), text.size()), failed);
    const json::value* list = !failed && root.is_object() ? root.get_object().if_contains("rules") : nullptr;
    if (list == nullptr || !list->is_array()) return Error{Errc::corrupt, "protocols/rules.json has no list of rules"};
    RuleBook book;
    const Loader loader{book, lexicon};
    std::size_t number = 0;
    for (const json::value& value : list->get_array()) {
        if (auto done = loader.rule(value, number++); !done) return done.error();
    }
    std::stable_sort(book.rules_.begin(), book.rules_.end(), [](const Rule& a, const Rule& b) {
        return (a.type == AlertType::patient_concern) < (b.type == AlertType::patient_concern);
    });
    return book;
}

bool RuleBook::compare(const Node& node, const Findings& findings, std::vector<Findings::Span>& spans) const {
    std::optional<double> value;
    if (node.id == pain && findings.pain_score) value = *findings.pain_score;
    if (node.id == temp) value = findings.temperature_f;
    if (node.id == pod && findings.context->post_operative_day) value = *findings.context->post_operative_day;
    if (!value) return false;
    const bool holds = node.text == ">="   ? *value >= node.value
                       : node.text == "<=" ? *value <= node.value
                       : node.text == ">"  ? *value > node.value
                       : node.text == "<"  ? *value < node.value
                                           : *value == node.value;
    if (holds && node.id == pain) spans.push_back(findings.pain_span);
    if (holds && node.id == temp) spans.push_back(findings.temperature_span);
    return holds;
}

bool RuleBook::evaluate(std::uint32_t index, const Findings& findings, std::vector<Findings::Span>& spans) const {
    const Node& node = nodes_[index];
    const std::size_t mark = spans.size();
    const auto asked = [&](std::uint32_t child) { return evaluate(child, findings, spans); };
    switch (node.op) {
        case Op::any: return std::count_if(node.children.begin(), node.children.end(), asked) > 0;
        case Op::all:
            if (std::all_of(node.children.begin(), node.children.end(), asked)) return true;
            spans.resize(mark);
            return false;
        case Op::negate: {
            std::vector<Findings::Span> ignored;
            return !evaluate(node.children.front(), findings, ignored);
        }
        case Op::count:
            if (std::count_if(node.children.begin(), node.children.end(), asked) >= static_cast<int>(node.id))
                return true;
            spans.resize(mark);
            return false;
        case Op::finding:
            spans.insert(spans.end(), findings.held[node.id].begin(), findings.held[node.id].end());
            return !findings.held[node.id].empty();
        case Op::number: return compare(node, findings, spans);
        case Op::text:
            if (node.id == question) return findings.context->question == node.text;
            if (node.id == call_type) return to_string(findings.context->call_type) == node.text;
            return to_string(findings.context->family) == node.text;
        case Op::answer: return findings.answer == (node.id == 1);
        case Op::takes:
            return std::find(findings.drug_classes.begin(), findings.drug_classes.end(), node.text) !=
                   findings.drug_classes.end();
        case Op::rising: {
            const auto& earlier = findings.context->prior_pain_scores;
            if (!findings.pain_score || *findings.pain_score < 4 || earlier.size() < 2) return false;
            spans.push_back(findings.pain_span);
            return earlier[earlier.size() - 2] < earlier.back() && earlier.back() < *findings.pain_score;
        }
        case Op::with_symptom: return findings.with_symptom;
    }
    return false;
}

Severity RuleBook::severity_of(const Rule& rule, const Findings& findings, std::vector<Findings::Span>& spans) const {
    const bool emergency = rule.type == AlertType::emergency;
    Severity severity = rule.severity;
    if (!rule.raises.empty()) {
        Findings sure = findings;
        for (std::size_t i = 0; i < sure.held.size() && !emergency; ++i) {
            if (!sure.firm[i]) sure.held[i].clear();
        }
        for (const auto& [higher, condition] : rule.raises) {
            if (higher > severity && evaluate(condition, sure, spans)) severity = higher;
        }
    }
    const UtteranceContext& context = *findings.context;
    const bool open_since = std::ranges::find(context.open_rules, rule.id) != context.open_rules.end();
    const bool frail = context.age.value_or(0) >= 75 && context.lives_alone;
    const Severity highest = emergency ? Severity::critical : Severity::urgent;
    if (severity < highest && (open_since || frail || (rule.step_up && evaluate(*rule.step_up, findings, spans)))) {
        severity = static_cast<Severity>(static_cast<int>(severity) + 1);
    }
    return severity;
}

std::vector<Fired> RuleBook::run(Findings& findings) const {
    std::vector<Fired> fired;
    for (const Rule& rule : rules_) {
        std::vector<Findings::Span> spans;
        if (!evaluate(rule.when, findings, spans)) continue;
        const Severity severity = severity_of(rule, findings, spans);
        if (rule.type != AlertType::patient_concern) findings.with_symptom = true;
        fired.push_back({rule.type, severity, rule.id, rule.version, std::move(spans)});
    }
    return fired;
}

}  // namespace carevoice::domain::clinical
