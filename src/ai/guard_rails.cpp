#include "ai/guard_rails.h"

#include "ai/guard_reading.h"
#include "ai/guard_tables.h"
#include "core/text.h"
#include "domain/clinical/numbers.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace carevoice::ai {

namespace clinical = domain::clinical;

namespace {

constexpr std::array<std::string_view, breach_count> names = {
    "empty",     "markup",        "too_long",        "before_identity", "repetition", "identifier",
    "diagnosis", "dose",          "medicine_change", "reassurance",     "promise",    "other_instruction",
    "meta",      "two_questions", "wrong_topic",     "omission",        "unfamiliar"};

constexpr std::string_view spoken_signs = " ,.?!':;-\"";
constexpr std::size_t bytes_max = 1000;  // far above the longest allowed sentence
constexpr std::size_t digits_of_an_identifier = 4;
constexpr std::size_t repeated_words = 5;
constexpr std::size_t said_again_words = 6;

// Quotes, dashes and the ellipsis as typographers write them; each is three bytes of UTF-8.
constexpr auto typographic = std::to_array<std::string_view>(
    {"\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\xa6"});

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Only what a person would write down as speech: other signs are mark-up to a voice, foreign letters another language.
std::optional<Breach> foreign_sign(std::string_view speak) {
    std::optional<Breach> found;
    while (!speak.empty()) {
        const auto byte = static_cast<unsigned char>(speak.front());
        const auto known = std::ranges::find_if(typographic, [&](auto sign) { return speak.starts_with(sign); });
        if (known != typographic.end()) {
            speak.remove_prefix(known->size());
            continue;
        }
        // Below U+0250 lie the letters of other European languages; a lead byte over 0xC9 begins everything else.
        const bool letter_like = byte >= 0x80 && byte <= 0xC9;
        if (letter_like && !found) found = Breach::meta;
        const bool plain = is_letter_or_digit(speak.front()) || spoken_signs.find(speak.front()) != spoken_signs.npos;
        if (!letter_like && !plain) return Breach::markup;
        speak.remove_prefix(1);
    }
    return found;
}

// Addresses survive the check of signs: "example.org".
bool holds_address(std::string_view speak) {
    for (std::size_t i = 1; i + 1 < speak.size(); ++i) {
        const bool dot_inside = speak[i] == '.' && std::isalpha(static_cast<unsigned char>(speak[i - 1])) != 0 &&
                                std::isalpha(static_cast<unsigned char>(speak[i + 1])) != 0;
        if (dot_inside) return true;
    }
    return false;
}

bool repeats_itself(const clinical::Tokens& tokens) {
    std::set<std::vector<std::string_view>> seen;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        const std::string& word = tokens[i].text;
        if (word == tokens[i + 1].text && word != "that" && word != "had" && !clinical::is_numeric(word)) return true;
        if (i + repeated_words > tokens.size()) continue;
        std::vector<std::string_view> row;
        for (std::size_t k = 0; k < repeated_words; ++k) row.emplace_back(tokens[i + k].text);
        if (!seen.insert(std::move(row)).second) return true;
    }
    return false;
}

std::string joined(const clinical::Tokens& tokens, std::size_t begin, std::size_t end) {
    std::string text(" ");
    for (std::size_t i = begin; i < end; ++i) text.append(tokens[i].text).append(" ");
    return text;
}

bool says_again(const clinical::Tokens& tokens, const GuardContext& context) {
    const clinical::Tokens last = clinical::tokenise(context.last_spoken.substr(0, bytes_max));
    const std::string before = joined(last, 0, last.size());
    const clinical::Tokens own = clinical::tokenise(context.own_wording.substr(0, bytes_max));
    const std::string planned = joined(own, 0, own.size());
    return std::ranges::any_of(sentences_of(tokens), [&](const Sentence& sentence) {
        if (sentence.end - sentence.begin < said_again_words) return false;
        const std::string text = joined(tokens, sentence.begin, sentence.end);
        return before.find(text) != std::string::npos && planned.find(text) == std::string::npos;
    });
}

bool is_one_digit(const std::string& word) {
    constexpr auto digits = std::to_array<std::string_view>(
        {"zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"});
    const bool written = word.size() == 1 && word.front() >= '0' && word.front() <= '9';
    return written || std::ranges::find(digits, word) != digits.end();
}

// Read out digit by digit, or written in one: a telephone number, a record, a year of birth.
bool holds_long_number(const clinical::Tokens& tokens) {
    std::size_t run = 0;
    for (const auto& token : tokens) {
        run = is_one_digit(token.text) ? run + 1 : 0;
        const bool long_one = token.text.size() >= digits_of_an_identifier &&
                              std::ranges::all_of(token.text, [](char c) { return c >= '0' && c <= '9'; });
        if (long_one || run >= digits_of_an_identifier) return true;
    }
    return false;
}

bool names_somebody(const clinical::Tokens& tokens, const GuardContext& context) {
    const std::string text = joined(tokens, 0, tokens.size());
    return std::ranges::any_of(context.identifiers, [&](const std::string& identifier) {
        const clinical::Tokens words = clinical::tokenise(identifier);
        return !words.empty() && text.find(joined(words, 0, words.size())) != std::string::npos;
    });
}

}  // namespace

std::string_view to_string(Breach breach) noexcept {
    return names[static_cast<std::size_t>(breach)];
}

GuardRails::GuardRails(std::unique_ptr<const Tables> tables) : tables_(std::move(tables)) {}
GuardRails::GuardRails(GuardRails&&) noexcept = default;
GuardRails& GuardRails::operator=(GuardRails&&) noexcept = default;
GuardRails::~GuardRails() = default;

Result<GuardRails> GuardRails::load(std::string_view guard_rails_json, std::string_view lexicon_json) {
    auto tables = load_guard_tables(guard_rails_json, lexicon_json);
    if (!tables) return tables.error();
    return GuardRails(std::move(*tables));
}

bool GuardRails::is_fixed_topic(std::string_view topic) const {
    return tables_->fixed_topics.has(std::string(topic));
}

bool GuardRails::knows_topic(std::string_view topic) const {
    return tables_->topic(topic) != nullptr;
}

std::optional<Breach> GuardRails::check(std::string_view speak, const GuardContext& context) const {
    if (speak.size() > bytes_max) return Breach::too_long;
    if (std::ranges::none_of(speak, is_letter_or_digit) && !foreign_sign(trim(speak))) return Breach::empty;
    if (const auto sign = foreign_sign(trim(speak))) return sign;
    if (holds_address(speak)) return Breach::markup;
    clinical::Tokens tokens = clinical::tokenise(speak);
    const std::size_t words = 1 + static_cast<std::size_t>(std::ranges::count(trim(speak), ' '));
    if (words > tables_->words_max || sentences_of(tokens).size() > tables_->sentences_max) return Breach::too_long;
    if (!context.identity_verified) return Breach::before_identity;
    if (repeats_itself(tokens) || says_again(tokens, context)) return Breach::repetition;
    if (holds_long_number(tokens) || names_somebody(tokens, context)) return Breach::identifier;
    clinical::drop_fillers(tokens);
    if (tokens.empty()) return Breach::empty;

    const Surroundings around(*tables_, context);
    const GuardReading reading(*tables_, around, tables_->topic(context.topic), speak, tokens);
    if (const auto word = reading.forbidden_word()) return word;
    if (const auto question = reading.wrong_question(!context.topic.empty())) return question;
    if (!reading.is_made_of_pieces()) return reading.likeliest_breach();
    if (reading.omits_own_news()) return Breach::omission;
    return std::nullopt;
}

}  // namespace carevoice::ai
