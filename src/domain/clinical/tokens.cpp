#include "domain/clinical/tokens.h"

#include <algorithm>
#include <array>
#include <utility>

namespace carevoice::domain::clinical {

namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

struct Expansion {
    std::string_view word;
    std::string_view opened;
};

// Words whose opened form does not follow from their ending; the recogniser often leaves the apostrophe out.
constexpr auto expansions = std::to_array<Expansion>({
    {"can't", "can not"},
    {"cant", "can not"},
    {"cannot", "can not"},
    {"won't", "will not"},
    {"wont", "will not"},
    {"ain't", "is not"},
    {"aint", "is not"},
    {"shan't", "shall not"},
    {"dont", "do not"},
    {"didnt", "did not"},
    {"doesnt", "does not"},
    {"isnt", "is not"},
    {"arent", "are not"},
    {"wasnt", "was not"},
    {"werent", "were not"},
    {"hasnt", "has not"},
    {"havent", "have not"},
    {"hadnt", "had not"},
    {"couldnt", "could not"},
    {"wouldnt", "would not"},
    {"shouldnt", "should not"},
    {"im", "i am"},
    {"ive", "i have"},
    {"its", "it is"},
    {"theres", "there is"},
    {"thats", "that is"},
    {"whats", "what is"},
    {"hes", "he is"},
    {"shes", "she is"},
    {"youre", "you are"},
    {"theyre", "they are"},
    {"let's", "let us"},
    {"lets", "let us"},
    {"gonna", "going to"},
    {"wanna", "want to"},
    {"gotta", "got to"},
    {"kinda", "kind of"},
    {"sorta", "sort of"},
    {"outta", "out of"},
    {"lotta", "lot of"},
    {"dunno", "do not know"},
    {"cuz", "because"},
    {"'cause", "because"},
    {"coz", "because"},
    {"til", "until"},
    {"till", "until"},
    {"ok", "okay"},
    {"mhm", "mm hm"},
    {"mmhmm", "mm hm"},
    {"gimme", "give me"},
    {"lemme", "let me"},
    {"'em", "them"},
    {"em", "them"},
    {"o'clock", "oclock"},
    {"y'all", "you all"},
    {"ma'am", "maam"},
    {"thru", "through"},
    {"alright", "all right"},
    {"nothin", "nothing"},
    {"somethin", "something"},
    {"d'you", "do you"},
    {"c'mon", "come on"},
    {"how'd", "how did"},
    {"'tis", "it is"},
    {"hafta", "have to"},
    {"coulda", "could have"},
    {"i'd've", "i would have"},
    {"theyve", "they have"},
    {"weve", "we have"},
    {"youve", "you have"},
    {"wheres", "where is"},
    {"hows", "how is"},
    {"whos", "who is"},
    {"everythings", "everything is"},
});

constexpr auto takes_is = std::to_array<std::string_view>(
    {"it",         "he",      "she",  "that",      "there", "what", "who", "where", "how",      "here",
     "everything", "nothing", "this", "something", "mine",  "when", "why", "one",   "everyone", "everybody"});

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& words, std::string_view word) noexcept {
    return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr auto number_words = std::to_array<std::string_view>(
    {"zero",     "one",      "two",      "three",  "four",     "five",     "six",     "seven",   "eight",
     "nine",     "ten",      "eleven",   "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
     "eighteen", "nineteen", "twenty",   "thirty", "forty",    "fifty",    "sixty",   "seventy", "eighty",
     "ninety",   "hundred",  "thousand", "point",  "half",     "oh"});

std::string opened(const std::string& word) {
    const auto found =
        std::find_if(expansions.begin(), expansions.end(), [&](const Expansion& e) { return e.word == word; });
    if (found != expansions.end()) return std::string(found->opened);
    const auto ends = [&](std::string_view suffix) {
        return word.size() > suffix.size() && std::string_view(word).ends_with(suffix);
    };
    const auto stem = [&](std::size_t cut) { return word.substr(0, word.size() - cut); };
    if (ends("n't")) return stem(3) + " not";
    if (ends("'m")) return stem(2) + " am";
    if (ends("'re")) return stem(3) + " are";
    if (ends("'ve")) return stem(3) + " have";
    if (ends("'ll")) return stem(3) + " will";
    if (ends("'d")) return stem(2) + " would";
    if (ends("'s")) return contains(takes_is, stem(2)) ? stem(2) + " is" : stem(2) + " 's";
    if (ends("ish") && contains(number_words, stem(3))) return stem(3);
    if (ends("in'")) return stem(1) + "g";
    std::string plain = word;
    std::erase(plain, '\'');
    return plain;
}

// What the recogniser writes for sounds that are no words is blanked, so that offsets stay true.
std::string without_brackets(std::string_view utterance) {
    std::string text(utterance);
    constexpr std::array<std::pair<char, char>, 4> brackets = {{{'[', ']'}, {'(', ')'}, {'<', '>'}, {'*', '*'}}};
    for (const auto& [open, close] : brackets) {
        std::size_t at = text.find(open);
        while (at != std::string::npos) {
            const std::size_t end = text.find(close, at + 1);
            if (end == std::string::npos) break;
            std::fill(text.begin() + static_cast<std::ptrdiff_t>(at),
                      text.begin() + static_cast<std::ptrdiff_t>(end) + 1, ' ');
            at = text.find(open, end + 1);
        }
    }
    return text;
}

class Tokeniser {
public:
    explicit Tokeniser(std::string_view utterance) : text_(without_brackets(utterance)) {}

    Tokens run() {
        while (at_ < text_.size() && tokens_.size() < tokens_max) {
            const char c = text_[at_];
            if (is_digit(c)) {
                number();
            } else if (is_letter(c) && !skip_symbol()) {
                word();
            } else if (!is_letter(c)) {
                punctuation(c);
            }
        }
        return std::move(tokens_);
    }

private:
    // Curly quotes become apostrophes; other non-letters of UTF-8 (ellipsis, dashes, notes) are breaks.
    bool skip_symbol() {
        const std::string_view rest = std::string_view(text_).substr(at_);
        if (!rest.starts_with("\xe2")) return false;
        if (rest.starts_with("\xe2\x80\x94") || rest.starts_with("\xe2\x80\x93")) raise(Break::comma);
        at_ = std::min(text_.size(), at_ + 3);
        return true;
    }

    void raise(Break level) { pending_ = std::max(pending_, level); }

    void push(std::string word, std::size_t begin, std::size_t end) {
        tokens_.push_back({std::move(word), begin, end, tokens_.empty() ? Break::sentence : pending_, false});
        pending_ = Break::none;
    }

    void number() {
        const std::size_t begin = at_;
        bool dot = false;
        while (at_ < text_.size()) {
            const bool decimal = text_[at_] == '.' && !dot && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]);
            if (!is_digit(text_[at_]) && !decimal) break;
            dot = dot || decimal;
            ++at_;
        }
        std::size_t suffix = at_;
        while (suffix < text_.size() && is_letter(text_[suffix])) ++suffix;
        const std::string_view ending = std::string_view(text_).substr(at_, suffix - at_);
        if (ending == "st" || ending == "nd" || ending == "rd" || ending == "th") at_ = suffix;
        push(text_.substr(begin, at_ - begin), begin, at_);
        const bool digit_follows = at_ + 1 < text_.size() && is_digit(text_[at_ + 1]);
        if (digit_follows && (text_[at_] == '-' || text_[at_] == '/')) {
            push(text_[at_] == '-' ? "to" : "/", at_, at_ + 1);
            ++at_;
        }
    }

    void word() {
        const std::size_t begin = at_;
        std::string raw;
        while (at_ < text_.size()) {
            const std::string_view rest = std::string_view(text_).substr(at_);
            if (rest.starts_with("\xe2\x80\x99") || rest.starts_with("\xe2\x80\x98")) {
                raw.push_back('\'');
                at_ += 3;
            } else if (rest.starts_with("\xe2")) {
                break;
            } else if (is_letter(text_[at_]) || text_[at_] == '\'') {
                raw.push_back(static_cast<char>(text_[at_] >= 'A' && text_[at_] <= 'Z' ? text_[at_] + 32 : text_[at_]));
                ++at_;
            } else {
                break;
            }
        }
        const std::string words = opened(raw);
        std::size_t from = 0;
        while (from < words.size()) {
            const std::size_t space = std::min(words.find(' ', from), words.size());
            if (space > from) push(words.substr(from, space - from), begin, at_);
            from = space + 1;
        }
    }

    void punctuation(char c) {
        const bool ellipsis = std::string_view(text_).substr(at_).starts_with("..");
        if (ellipsis) {
            while (at_ < text_.size() && text_[at_] == '.') ++at_;
            return;
        }
        ++at_;
        if (c == '?') mark_question();
        if (c == '.' || c == '?' || c == '!' || c == ';') raise(Break::sentence);
        if (c == ',' || c == ':') raise(Break::comma);
        const bool spaced_dash =
            c == '-' && at_ < text_.size() && text_[at_] == ' ' && at_ >= 2 && text_[at_ - 2] == ' ';
        if (spaced_dash) raise(Break::comma);
    }

    void mark_question() {
        for (auto token = tokens_.rbegin(); token != tokens_.rend(); ++token) {
            token->asks = true;
            if (token->before == Break::sentence) break;
        }
    }

    std::string text_;
    std::size_t at_ = 0;
    Tokens tokens_;
    Break pending_ = Break::none;
};

constexpr auto fillers = std::to_array<std::string_view>(
    {"um", "uh", "umm", "uhh", "er", "erm", "ah", "hm", "hmm", "mm", "mmm", "oh", "ooh", "eh", "huh", "'s"});

}  // namespace

Tokens tokenise(std::string_view utterance) {
    return Tokeniser(utterance).run();
}

bool is_numeric(std::string_view word) noexcept {
    return (!word.empty() && is_digit(word.front())) || contains(number_words, word);
}

void drop_fillers(Tokens& tokens) {
    Tokens kept;
    kept.reserve(tokens.size());
    Break pending = Break::none;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        Token& token = tokens[i];
        const bool digit_before = !kept.empty() && is_numeric(kept.back().text) && pending == Break::none;
        const bool spoken_zero = token.text == "oh" && digit_before && token.before == Break::none;
        const bool stutter = !kept.empty() && kept.back().text == token.text && token.before == Break::none &&
                             pending == Break::none && !is_numeric(token.text) && token.text != "it" &&
                             token.text != "that" && token.text != "had";
        if ((contains(fillers, token.text) && !spoken_zero) || stutter) {
            pending = std::max(pending, token.before);
            continue;
        }
        token.before = std::max(pending, token.before);
        pending = Break::none;
        kept.push_back(std::move(token));
    }
    if (!kept.empty()) kept.front().before = Break::sentence;
    tokens = std::move(kept);
}

std::string_view text_between(std::string_view utterance, const Tokens& tokens, std::size_t first, std::size_t last) {
    if (tokens.empty() || first > last || last >= tokens.size()) return {};
    const std::size_t begin = std::min(tokens[first].begin, utterance.size());
    return utterance.substr(begin, std::max(tokens[last].end, begin) - begin);
}

}  // namespace carevoice::domain::clinical
