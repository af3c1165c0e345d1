#include "domain/clinical/span.h"

#include "core/text.h"
#include "domain/clinical/assertion.h"
#include "domain/clinical/tokens.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace carevoice::domain::clinical {

namespace {

Error not_found(const char* why) {
    return Error{Errc::invalid_input, why, "span"};
}

bool is_word_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

// Byte offset, preferring a place where no word is cut.
std::size_t place_of(const std::string& sentence, const std::string& span) {
    const std::size_t anywhere = sentence.find(span);
    for (std::size_t at = anywhere; at != std::string::npos; at = sentence.find(span, at + 1)) {
        const std::size_t end = at + span.size();
        const bool begins = at == 0 || !is_word_char(sentence[at - 1]) || !is_word_char(span.front());
        const bool ends = end == sentence.size() || !is_word_char(sentence[end]) || !is_word_char(span.back());
        if (begins && ends) return at;
    }
    return anywhere;
}

}  // namespace

Result<SpanAssertion> assert_span(const Lexicon& lexicon, std::string_view sentence, std::string_view span) {
    const std::string wanted = to_lower_ascii(trim(span));
    if (wanted.empty()) return not_found("is empty");
    const std::size_t begin = place_of(to_lower_ascii(sentence), wanted);
    if (begin == std::string::npos) return not_found("is not in the sentence");
    const std::size_t end = begin + wanted.size();

    const Tokens tokens = lexicon.read_words(sentence);
    std::size_t first = tokens.size();
    std::size_t last = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i].end <= begin || tokens[i].begin >= end) continue;
        first = std::min(first, i);
        last = i;
    }
    if (first == tokens.size()) return not_found("holds no word");
    const std::vector<Mention> mentions = lexicon.patterns().match(tokens);
    const Assertion found = Assertions(lexicon, tokens, mentions, {}).of(first, last);
    return SpanAssertion{found.denied, found.historical(), found.supposed, found.other || found.kin};
}

}  // namespace carevoice::domain::clinical
