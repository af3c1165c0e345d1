#include "ai/guard_reading.h"

#include "domain/clinical/numbers.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace carevoice::ai {

namespace clinical = domain::clinical;

namespace {

constexpr std::size_t echo_words_max = 16;

bool is_near(const Topic& topic, const Topic& other) {
    return std::ranges::find(topic.near, other.name) != topic.near.end() ||
           std::ranges::find(other.near, topic.name) != other.near.end();
}

}  // namespace

// True for each token, counted from the sentence's first, before which a piece may end and another begin.
struct GuardReading::Reach {
    std::size_t begin;
    std::vector<bool> may_begin;
    std::size_t opened = 0;  ///< one past the last opener: an echo may follow it

    explicit Reach(const Sentence& sentence)
        : begin(sentence.begin), may_begin(sentence.end - sentence.begin + 1, false), opened(sentence.begin) {
        may_begin.front() = true;
    }
    [[nodiscard]] bool at(std::size_t token) const { return may_begin[token - begin]; }
    void mark(std::size_t token) { may_begin[token - begin] = true; }
};

GuardReading::GuardReading(const GuardRails::Tables& tables, const Surroundings& around, const Topic* topic,
                           std::string_view speak, const clinical::Tokens& tokens)
    : tables_(tables),
      around_(around),
      topic_(topic),
      speak_(speak),
      tokens_(tokens),
      mentions_(tables.patterns.match(tokens)),
      starts_(tokens.size()),
      sentences_(sentences_of(tokens)),
      own_words_(tokens.size(), false) {
    for (std::size_t i = 0; i < mentions_.size(); ++i) {
        starts_[mentions_[i].first].push_back(i);
        const Mark mark = tables_.rules[mentions_[i].owner].mark;
        for (Sentence& sentence : sentences_) {
            const bool inside = mentions_[i].first >= sentence.begin && mentions_[i].first < sentence.end;
            sentence.asks |= inside && mark == Mark::ask_bidding;
            sentence.leads |= mentions_[i].first == sentence.begin && mark == Mark::ask_leading;
        }
    }
    find_own_sentences();
}

bool GuardReading::is_own_sentence_at(std::size_t at, const Sentence& own) const {
    const std::size_t length = own.end - own.begin;
    if (length < 2 || at + length > tokens_.size()) return false;
    for (std::size_t k = 0; k < length; ++k) {
        if (tokens_[at + k].text != around_.own()[own.begin + k].text) return false;
    }
    return true;
}

void GuardReading::find_own_sentences() {
    for (const Sentence& own : around_.own_sentences()) {
        for (std::size_t at = 0; at < tokens_.size(); ++at) {
            if (!is_own_sentence_at(at, own)) continue;
            for (std::size_t k = 0; k < own.end - own.begin; ++k) own_words_[at + k] = true;
        }
    }
}

bool GuardReading::is_covered(const clinical::Mention& mention) const {
    return std::ranges::all_of(mention.words, [&](std::uint16_t word) { return own_words_[word]; });
}

std::optional<Breach> GuardReading::forbidden_word() const {
    std::optional<Breach> first;
    for (const auto& mention : mentions_) {
        const Rule& rule = tables_.rules[mention.owner];
        if (rule.mark != Mark::never || is_covered(mention)) continue;
        if (!first || rule.breach < *first) first = rule.breach;
    }
    return first;
}

bool GuardReading::is_asked(const clinical::Mention& mention) const {
    return std::ranges::any_of(sentences_, [&](const Sentence& sentence) {
        return (sentence.asks || sentence.leads) && mention.first >= sentence.begin && mention.last < sentence.end;
    });
}

bool GuardReading::asks_other_topic() const {
    return std::ranges::any_of(mentions_, [&](const clinical::Mention& mention) {
        const Rule& rule = tables_.rules[mention.owner];
        if (rule.mark != Mark::topic_cue || is_covered(mention) || !is_asked(mention)) return false;
        const Topic& other = tables_.topics[rule.topic];
        return topic_ == nullptr || (&other != topic_ && !is_near(*topic_, other));
    });
}

// A closed question of several parts ("breath, chest, or calf?") has to keep each part, or a "no" would deny what was
// never asked. Our own wording says which parts are due.
bool GuardReading::asks_due_parts() const {
    if (topic_ == nullptr) {
        std::size_t shared = 0;
        std::unordered_set<std::string> seen;
        for (const Sentence& sentence : sentences_) {
            for (std::size_t i = sentence.begin; sentence.asks && i < sentence.end; ++i) {
                const bool of_ours = around_.own_question_has(tokens_[i].text);
                if (of_ours && seen.insert(tables_.kin.of(tokens_[i].text)).second) ++shared;
            }
        }
        return shared > 0 && shared * 2 >= around_.own_question_words().size();
    }
    std::vector<bool> asked(topic_->parts, false);
    for (const auto& mention : mentions_) {
        const Rule& rule = tables_.rules[mention.owner];
        if (rule.mark == Mark::topic_part && &tables_.topics[rule.topic] == topic_ && is_asked(mention))
            asked[rule.part] = true;
    }
    const auto& due = around_.own_topic_parts();
    if (due.empty()) return std::ranges::find(asked, true) != asked.end();
    return std::ranges::all_of(due, [&](std::size_t part) { return asked[part]; });
}

std::optional<Breach> GuardReading::wrong_question(bool due) const {
    const auto asks = [](const Sentence& sentence) { return sentence.asks; };
    const auto questions = static_cast<std::size_t>(std::ranges::count_if(sentences_, asks));
    if (!due) return questions > 0 ? std::optional(Breach::wrong_topic) : std::nullopt;
    if (questions > std::max<std::size_t>(1, around_.own_questions())) return Breach::two_questions;
    const bool due_parts = asks_due_parts();
    if (asks_other_topic()) return due_parts ? Breach::two_questions : Breach::wrong_topic;
    // What comes after the question is what the patient answers to.
    if (!due_parts || !sentences_.back().asks) return Breach::wrong_topic;
    return std::nullopt;
}

bool GuardReading::omits_own_news() const {
    return std::ranges::any_of(around_.must_say(), [&](std::size_t part) {
        return std::ranges::none_of(mentions_, [&](const clinical::Mention& mention) {
            const Rule& rule = tables_.rules[mention.owner];
            return rule.mark == Mark::must_say && rule.part == part;
        });
    });
}

bool GuardReading::is_made_of_pieces() const {
    return std::ranges::all_of(sentences_, [&](const Sentence& sentence) { return reads(sentence); });
}

bool GuardReading::reads(const Sentence& sentence) const {
    Reach reach(sentence);
    for (std::size_t at = sentence.begin; at < sentence.end; ++at) {
        if (!reach.at(at)) continue;
        take_pieces(sentence, at, reach);
        if (tokens_[at].before != clinical::Break::none || at == reach.opened) take_echo(sentence, at, reach);
        for (const Sentence& own : around_.own_sentences()) {
            const std::size_t length = own.end - own.begin;
            if (at + length <= sentence.end && is_own_sentence_at(at, own)) reach.mark(at + length);
        }
    }
    return reach.at(sentence.end);
}

std::optional<GuardReading::Tail> GuardReading::tail_of(Mark mark, bool asks) const {
    switch (mark) {
        case Mark::opener:
        case Mark::complete: return Tail::none;
        case Mark::at_ease: return around_.at_ease() ? std::optional(Tail::none) : std::nullopt;
        case Mark::glad: return around_.at_ease() ? std::optional(Tail::glad) : std::nullopt;
        case Mark::kind: return Tail::kind;
        case Mark::report: return Tail::report;
        case Mark::note: return Tail::note;
        case Mark::refuse: return Tail::refuse;
        case Mark::quote: return Tail::quote;
        case Mark::ask_open: return asks ? std::optional(Tail::ask) : std::nullopt;
        case Mark::ask_bidding:
        case Mark::ask_leading: return Tail::ask;
        default: return std::nullopt;
    }
}

void GuardReading::take_pieces(const Sentence& sentence, std::size_t at, Reach& reach) const {
    for (const std::size_t index : starts_[at]) {
        const auto& mention = mentions_[index];
        const Mark mark = tables_.rules[mention.owner].mark;
        const auto tail = tail_of(mark, sentence.asks);
        if (!tail) continue;
        const bool spoken_in_one =
            std::none_of(tokens_.begin() + static_cast<std::ptrdiff_t>(mention.first) + 1,
                         tokens_.begin() + static_cast<std::ptrdiff_t>(mention.last) + 1,
                         [](const clinical::Token& token) { return token.before != clinical::Break::none; });
        if (*tail != Tail::none && *tail != Tail::ask && !spoken_in_one) continue;
        if (mark == Mark::opener && mention.last + 1 == sentence.end && at != sentence.begin) continue;
        if (*tail == Tail::report) {
            take_echo(sentence, mention.last + 1, reach);
            continue;
        }
        const bool whole = *tail == Tail::none || *tail == Tail::note || *tail == Tail::ask;
        if (whole) reach.mark(mention.last + 1);
        if (mark == Mark::opener) reach.opened = mention.last + 1;
        if (*tail != Tail::none) take_tail(sentence, mention.last + 1, *tail, reach);
    }
}

// Sympathy that names nothing ("I am sorry, it does that") is no sympathy.
void GuardReading::take_tail(const Sentence& sentence, std::size_t from, Tail tail, Reach& reach) const {
    bool denied = false;
    bool content = tail == Tail::note || tail == Tail::ask;
    for (std::size_t at = from; at < sentence.end;) {
        const std::size_t length = step(at, tail, denied);
        if (length == 0) return;
        content = content || !tables_.function_words.has(tokens_[at].text);
        at += length;
        if (content && at <= sentence.end) reach.mark(at);
    }
}

// The patient's own words given back: "A walker in the morning", "Your daughter changed the dressing". Never when the
// patient asked something: then it would answer.
void GuardReading::take_echo(const Sentence& sentence, std::size_t from, Reach& reach) const {
    if (around_.patient_asks() || from >= sentence.end) return;
    constexpr auto about_medicine = std::to_array<std::string_view>({"you", "your", "the", "no"});
    const bool may_name = std::ranges::find(about_medicine, tokens_[from].text) != about_medicine.end();
    bool denied = false;
    bool content = false;
    std::vector<std::string> row;
    const std::size_t end = std::min(sentence.end, from + echo_words_max);
    for (std::size_t at = from; at < end;) {
        const std::string& word = tokens_[at].text;
        const bool ordered = may_command(at) && tables_.commands.has(word);
        if (ordered || (!may_name && names_medicine(at))) return;
        if (at > from && tokens_[at].before != clinical::Break::none) return;
        const std::size_t length = step(at, Tail::echo, denied);
        if (length == 0) return;
        const bool function = tables_.function_words.has(word);
        content = content || !function;
        const bool of_patient = !function && !tables_.denials.has(word) && !clinical::is_numeric(word);
        if (of_patient && !around_.own_statement_has(word)) row.push_back(word);
        at += length;
        if (content && at <= sentence.end && around_.said_in_a_row(row)) reach.mark(at);
    }
}

// Where a verb in its plain form would give an order: at the start of a clause.
bool GuardReading::may_command(std::size_t at) const {
    constexpr auto joints = std::to_array<std::string_view>({"and", "or", "but", "so", "then", "please", "to", "now"});
    if (at == 0 || tokens_[at].before != clinical::Break::none) return true;
    return std::ranges::find(joints, tokens_[at - 1].text) != joints.end();
}

// "… and it is over": says something new, so it has to be a piece of its own.
bool GuardReading::begins_clause(std::size_t at) const {
    constexpr auto joints = std::to_array<std::string_view>({"and", "or", "so", "as", "but"});
    if (tokens_[at].before != clinical::Break::none) return true;
    return at > 0 && std::ranges::find(joints, tokens_[at - 1].text) != joints.end() &&
           tables_.new_subjects.has(tokens_[at].text);
}

bool GuardReading::names_medicine(std::size_t at) const {
    return std::ranges::any_of(
        starts_[at], [&](std::size_t index) { return tables_.rules[mentions_[index].owner].mark == Mark::medicine; });
}

bool GuardReading::is_name(std::size_t at) const {
    const auto& token = tokens_[at];
    const bool capital = token.begin < speak_.size() && speak_[token.begin] >= 'A' && speak_[token.begin] <= 'Z';
    return capital && token.before != clinical::Break::sentence && !tables_.proper_words.has(token.text) &&
           !names_medicine(at);
}

// How many tokens from `at` on may go on a tail; 0: none.
std::size_t GuardReading::step(std::size_t at, Tail tail, bool& denied) const {
    const std::string& word = tokens_[at].text;
    const bool asking = tail == Tail::ask;
    const bool strict = !asking && tail != Tail::echo;
    if ((strict && begins_clause(at)) || (!asking && is_name(at))) return 0;
    const auto number = clinical::number_at(tokens_, at);
    if (number && (word != "one" || number->last > at)) {
        const bool of_topic =
            asking && topic_ != nullptr && std::ranges::find(topic_->numbers, number->value) != topic_->numbers.end();
        const bool known = asking ? around_.question_number(number->value) : around_.statement_number(number->value);
        return of_topic || known ? number->last - at + 1 : 0;
    }
    if (asking) return is_ask_word(word) ? 1 : 0;
    if (tables_.denials.has(word)) {
        denied = true;
        return around_.patient_denies() ? 1 : 0;
    }
    return is_tail_word(at, tail, denied) ? 1 : 0;
}

bool GuardReading::is_ask_word(const std::string& word) const {
    return tables_.ask_words.has(word) || (topic_ != nullptr && topic_->words.has(word)) ||
           around_.own_question_has(word);
}

// What we tell the nurse holds no hour and nothing that would come to "you", unless we said so ourselves.
bool GuardReading::is_note_word(std::size_t at, bool denied) const {
    const std::string& word = tokens_[at].text;
    if (around_.own_statement_has(word)) return true;
    if (tables_.time_words.has(word)) return false;
    if (word == "you") return at + 1 < tokens_.size() && tables_.after_you.has(tokens_[at + 1].text);
    if (tables_.note_words.has(word) || tables_.after_you.has(word)) return true;
    const bool echo = !tables_.never_echo.has(word) && !tables_.function_words.has(word);
    return echo && around_.may_echo() && around_.patient_said(word, denied);
}

bool GuardReading::is_tail_word(std::size_t at, Tail tail, bool denied) const {
    const std::string& word = tokens_[at].text;
    if (tail == Tail::note) return is_note_word(at, denied);
    if ((tail == Tail::echo || tail == Tail::refuse) && tables_.own_voice.has(word)) return false;
    if (tables_.function_words.has(word)) return true;
    const bool about_question = tail == Tail::refuse || tail == Tail::quote;
    const bool sympathy = tail == Tail::kind || tail == Tail::glad || tail == Tail::quote;
    if (sympathy && tables_.kind_words.has(word)) return true;
    if (about_question && tables_.refuse_words.has(word)) return true;
    if (tail == Tail::glad) return tables_.positive_words.has(word) && around_.patient_said(word, denied);
    if (tables_.never_echo.has(word)) return false;
    if (around_.own_statement_has(word)) return true;
    if (about_question) return around_.patient_mentioned(word);
    return around_.may_echo() && around_.patient_said(word, denied);
}

Breach GuardReading::likeliest_breach() const {
    std::optional<Breach> first;
    for (const auto& mention : mentions_) {
        const Rule& rule = tables_.rules[mention.owner];
        if (rule.mark == Mark::sign && (!first || rule.breach < *first)) first = rule.breach;
    }
    return first.value_or(Breach::unfamiliar);
}

}  // namespace carevoice::ai
