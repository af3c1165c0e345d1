#include "ai/guard_reading.h"
#include "domain/clinical/numbers.h"

#include <algorithm>
#include <cmath>

namespace carevoice::ai {

namespace clinical = domain::clinical;

namespace {

constexpr std::size_t text_max = 2000;   // bytes; nobody says more in one turn that matters here
constexpr std::size_t denial_reach = 7;  // words after "no" that it may deny

bool contains(const std::vector<double>& numbers, double value) {
    return std::ranges::any_of(numbers, [&](double number) { return std::abs(number - value) < 1e-6; });
}

// "98.6" is also said "ninety-eight six".
void note_number(std::vector<double>& numbers, double value) {
    numbers.push_back(value);
    const double whole = std::floor(value);
    if (whole < value) {
        numbers.push_back(whole);
        numbers.push_back(std::round((value - whole) * 10));
    }
}

void note_numbers(std::vector<double>& numbers, const clinical::Tokens& tokens, std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end; ++at) {
        const auto number = clinical::number_at(tokens, at);
        if (!number) continue;
        note_number(numbers, number->value);
        at = number->last;
    }
}

}  // namespace

std::vector<Sentence> sentences_of(const clinical::Tokens& tokens) {
    std::vector<Sentence> sentences;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (sentences.empty() || tokens[i].before == clinical::Break::sentence)
            sentences.push_back({.begin = i, .end = i, .asks = tokens[i].asks});
        sentences.back().end = i + 1;
    }
    return sentences;
}

Surroundings::Surroundings(const GuardRails::Tables& tables, const GuardContext& context) : tables_(tables) {
    read_own(context);
    read_patient(context);
}

bool Surroundings::has(const std::unordered_set<std::string>& words, const std::string& word) const {
    return words.contains(tables_.kin.of(word));
}

bool Surroundings::patient_said(const std::string& word, bool denied) const {
    return has(denied ? denied_ : affirmed_, word);
}

bool Surroundings::patient_mentioned(const std::string& word) const {
    return has(affirmed_, word) || has(denied_, word);
}

bool Surroundings::goes_on_with(const std::vector<std::string>& words, std::size_t word, std::size_t said) const {
    constexpr std::size_t left_out_max = 1;
    if (word == words.size()) return said == 0 || !said_[said - 1].describes_next;
    const std::size_t end = word == 0 ? said_.size() : std::min(said_.size(), said + left_out_max + 1);
    for (std::size_t at = said; at < end; ++at) {
        if (said_[at].kin == words[word] && goes_on_with(words, word + 1, at + 1)) return true;
    }
    return false;
}

bool Surroundings::said_in_a_row(const std::vector<std::string>& words) const {
    std::vector<std::string> kin;
    kin.reserve(words.size());
    for (const std::string& word : words) kin.push_back(tables_.kin.of(word));
    return goes_on_with(kin, 0, 0);
}

bool Surroundings::statement_number(double value) const {
    return contains(statement_numbers_.empty() ? patient_numbers_ : statement_numbers_, value);
}

bool Surroundings::question_number(double value) const {
    return contains(question_numbers_, value) || statement_number(value);
}

void Surroundings::read_own(const GuardContext& context) {
    own_ = clinical::tokenise(context.own_wording.substr(0, text_max));
    clinical::drop_fillers(own_);
    own_sentences_ = sentences_of(own_);
    const auto mentions = tables_.patterns.match(own_);
    for (const auto& mention : mentions) {
        if (tables_.rules[mention.owner].mark != Mark::ask_bidding) continue;
        for (Sentence& sentence : own_sentences_) sentence.asks |= mention.first == sentence.begin;
    }
    for (const Sentence& sentence : own_sentences_) {
        own_questions_ += sentence.asks ? 1U : 0U;
        auto& words = sentence.asks ? question_words_ : statement_words_;
        for (std::size_t i = sentence.begin; i < sentence.end; ++i) words.insert(tables_.kin.of(own_[i].text));
        note_numbers(sentence.asks ? question_numbers_ : statement_numbers_, own_, sentence.begin, sentence.end);
    }
    for (const auto& mention : mentions) {
        const Rule& rule = tables_.rules[mention.owner];
        const auto home = std::ranges::find_if(
            own_sentences_, [&](const Sentence& s) { return mention.first >= s.begin && mention.first < s.end; });
        const bool asked = home != own_sentences_.end() && home->asks;
        if (rule.mark == Mark::must_say && !asked) must_say_.push_back(rule.part);
        if (rule.mark == Mark::topic_part && asked && tables_.topics[rule.topic].name == context.topic)
            own_topic_parts_.push_back(rule.part);
    }
}

void Surroundings::read_patient(const GuardContext& context) {
    clinical::Tokens tokens = clinical::tokenise(context.patient_said.substr(0, text_max));
    clinical::drop_fillers(tokens);
    note_numbers(patient_numbers_, tokens, 0, tokens.size());
    bool positive = false;
    bool worrying = false;
    for (const auto& mention : tables_.patterns.match(tokens)) {
        patient_asks_ |= tables_.rules[mention.owner].mark == Mark::asking;
        worrying |= tables_.rules[mention.owner].mark == Mark::medicine;
    }
    std::size_t denial_left = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        patient_asks_ = patient_asks_ || tokens[i].asks;
        if (tokens[i].before == clinical::Break::sentence || tokens[i].text == "but") denial_left = 0;
        take_patient_word(tokens, i, denial_left > 0, positive, worrying);
        denial_left -= denial_left > 0 ? 1U : 0U;
        // "No, it is red" denies nothing that follows.
        const bool goes_on = i + 1 < tokens.size() && tokens[i + 1].before == clinical::Break::none;
        if (tables_.denials.has(tokens[i].text) && goes_on) denial_left = denial_reach;
    }
    at_ease_ = positive && !worrying && !patient_asks_;
}

void Surroundings::take_patient_word(const clinical::Tokens& tokens, std::size_t at, bool denied, bool& positive,
                                     bool& worrying) {
    const std::string& word = tokens[at].text;
    (denied ? denied_ : affirmed_).insert(tables_.kin.of(word));
    patient_hedges_ = patient_hedges_ || tables_.hedges.has(word);
    const auto means = [&](const std::string& each) {
        return !tables_.function_words.has(each) && !tables_.denials.has(each) && !clinical::is_numeric(each);
    };
    if (means(word)) {
        const bool next = at + 1 < tokens.size() && tokens[at + 1].before == clinical::Break::none;
        said_.push_back({tables_.kin.of(word), next && means(tokens[at + 1].text)});
    }
    if (tables_.denials.has(word)) denied_.insert(tables_.kin.of(word));
    positive = positive || tables_.positive_words.has(word);
    worrying = worrying || (!denied && tables_.worrying_words.has(word));
}

}  // namespace carevoice::ai
