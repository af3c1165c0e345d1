#include "domain/clinical/pattern.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace carevoice::domain::clinical {

namespace {

constexpr std::size_t shortest_prefix = 3;
constexpr std::size_t mentions_max = 40'000;

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> pieces;
    std::size_t from = 0;
    while (from <= text.size()) {
        const std::size_t to = std::min(text.find(separator, from), text.size());
        if (to > from) pieces.push_back(text.substr(from, to - from));
        from = to + 1;
    }
    return pieces;
}

// At spaces, but "(can not|will not)" stays whole.
std::vector<std::string_view> split_outside_brackets(std::string_view text) {
    std::vector<std::string_view> pieces;
    std::size_t from = 0;
    bool inside = false;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        const char c = at < text.size() ? text[at] : ' ';
        inside = (inside || c == '(') && c != ')' && at < text.size();
        if (c != ' ' || inside) continue;
        if (at > from) pieces.push_back(text.substr(from, at - from));
        from = at + 1;
    }
    return pieces;
}

// Whether the tokeniser ever leaves such a word: "can't" and "cannot" come as "can not".
bool is_spoken(std::string_view word) {
    if (word.ends_with('*')) word.remove_suffix(1);
    if (word == "/") return true;
    const Tokens tokens = tokenise(word);
    return tokens.size() == 1 && tokens.front().text == word;
}

std::optional<std::uint8_t> small_number(std::string_view text) {
    if (text.empty() || text.size() > 2) return std::nullopt;
    int value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return static_cast<std::uint8_t>(value);
}

Error wrong(std::string detail) {
    return Error{Errc::corrupt, std::move(detail)};
}

}  // namespace

struct PatternBook::Text {
    const Tokens* tokens = nullptr;
    std::vector<std::vector<Start>> starts;
    std::vector<std::size_t> soft;  ///< how many soft words begin here
};

PatternBook::Symbol PatternBook::word_symbol(std::string_view word) {
    if (word == "#") return any_number;
    if (!is_spoken(word) && unspoken_.empty()) unspoken_ = word;
    const bool prefix = word.ends_with('*');
    auto& table = prefix ? prefixes_ : words_;
    const std::string key(prefix ? word.substr(0, word.size() - 1) : word);
    const auto [entry, inserted] = table.try_emplace(key, next_symbol_);
    if (inserted) ++next_symbol_;
    return entry->second;
}

void PatternBook::add_member(Symbol stands_for, std::string_view phrase) {
    const std::vector<std::string_view> words = split(phrase, ' ');
    if (words.empty()) return;
    std::vector<Symbol> symbols;
    symbols.reserve(words.size());
    for (const std::string_view word : words) symbols.push_back(word_symbol(word));
    if (symbols.size() == 1) {
        if (member_of_.size() <= symbols.front()) member_of_.resize(symbols.front() + 1);
        member_of_[symbols.front()].push_back(stands_for);
    } else {
        phrases_[symbols.front()].push_back({symbols, stands_for});
    }
}

Result<> PatternBook::define_class(const std::string& name, const std::vector<std::string>& members) {
    if (classes_.contains(name)) return wrong("class " + name + " is defined twice");
    std::vector<std::string> flat;
    for (const std::string& member : members) {
        if (!member.starts_with('@')) {
            flat.push_back(member);
            continue;
        }
        const auto other = class_members_.find(member.substr(1));
        if (other == class_members_.end())
            return wrong(std::string("class ").append(name).append(" uses unknown class ").append(member));
        flat.insert(flat.end(), other->second.begin(), other->second.end());
    }
    if (flat.empty()) return wrong("class " + name + " is empty");
    const Symbol symbol = fresh_symbol();
    classes_[name] = symbol;
    for (const std::string& member : flat) add_member(symbol, member);
    class_members_[name] = std::move(flat);
    if (!unspoken_.empty()) return wrong("class " + name + ": no word is ever heard as \"" + unspoken_ + "\"");
    return {};
}

void PatternBook::define_soft_words(const std::vector<std::string>& words) {
    for (const std::string& word : words) soft_[word] = true;
}

Result<PatternBook::Symbol> PatternBook::atom(std::string_view text) {
    if (text.starts_with('@')) {
        const auto found = classes_.find(text.substr(1));
        if (found == classes_.end()) return wrong("unknown class " + std::string(text));
        return found->second;
    }
    if (text.starts_with('(')) {
        if (!text.ends_with(')')) return wrong("bracket without end in " + std::string(text));
        const auto [entry, inserted] = anonymous_.try_emplace(std::string(text), next_symbol_);
        const Symbol symbol = entry->second;
        if (!inserted) return symbol;
        ++next_symbol_;
        for (const std::string_view choice : split(text.substr(1, text.size() - 2), '|')) {
            if (choice.starts_with('@')) {
                const auto members = class_members_.find(choice.substr(1));
                if (members == class_members_.end()) return wrong("unknown class " + std::string(choice));
                for (const std::string& member : members->second) add_member(symbol, member);
                continue;
            }
            std::string phrase(choice);
            std::replace(phrase.begin(), phrase.end(), '_', ' ');
            add_member(symbol, phrase);
        }
        return symbol;
    }
    const bool prefix_too_short = text.ends_with('*') && text.size() <= shortest_prefix;
    if (prefix_too_short) return wrong("prefix too short: " + std::string(text));
    return word_symbol(text);
}

Result<PatternBook::Part> PatternBook::parse_part(std::string_view text) {
    Part part;
    std::uint8_t gap = 0;
    for (std::string_view piece : split_outside_brackets(text)) {
        if (piece == "^" || piece == "$") {
            (piece == "^" ? part.at_start : part.at_end) = true;
            continue;
        }
        if (piece.starts_with('~')) {
            const auto words = small_number(piece.substr(1));
            if (!words) return wrong("gap is not a number: " + std::string(piece));
            gap = *words;
            continue;
        }
        Element element;
        element.gap = std::exchange(gap, std::uint8_t{0});
        element.optional = piece.ends_with('?');
        if (element.optional) piece.remove_suffix(1);
        auto symbol = atom(piece);
        if (!symbol) return symbol.error();
        element.symbol = *symbol;
        part.elements.push_back(element);
    }
    const bool all_optional =
        std::all_of(part.elements.begin(), part.elements.end(), [](auto& e) { return e.optional; });
    if (all_optional) return wrong("nothing in it has to match");
    return part;
}

Result<> PatternBook::add(std::uint32_t owner, std::string_view text) {
    Pattern pattern{owner, {}};
    std::uint8_t distance = 0;
    std::string_view rest = text;
    while (true) {
        const std::size_t open = rest.find('<');
        auto part = parse_part(rest.substr(0, open));
        if (!part) return wrong("pattern \"" + std::string(text) + "\": " + part.error().detail);
        part->distance = distance;
        pattern.parts.push_back(std::move(*part));
        if (!unspoken_.empty())
            return wrong("pattern \"" + std::string(text) + "\": \"" + unspoken_ + "\" is never heard");
        if (open == std::string_view::npos) break;
        const std::size_t close = rest.find('>', open);
        if (close == std::string_view::npos) return wrong("pattern \"" + std::string(text) + "\": < without >");
        const auto words = small_number(rest.substr(open + 1, close - open - 1));
        if (!words) return wrong("pattern \"" + std::string(text) + "\": distance is not a number");
        distance = *words;
        rest = rest.substr(close + 1);
    }
    const auto index = static_cast<std::uint32_t>(patterns_.size());
    for (std::uint32_t p = 0; p < pattern.parts.size(); ++p) {
        for (const Element& element : pattern.parts[p].elements) {
            starts_[element.symbol].push_back({index, p});
            if (!element.optional) break;
        }
    }
    patterns_.push_back(std::move(pattern));
    return {};
}

bool PatternBook::knows_word(std::string_view word) const {
    return words_.contains(std::string(word));
}

bool PatternBook::may_match(const std::string& word) const {
    if (words_.contains(word)) return true;
    for (std::size_t length = shortest_prefix - 1; length <= word.size(); ++length) {
        if (prefixes_.contains(word.substr(0, length))) return true;
    }
    return false;
}

PatternBook::Text PatternBook::annotate(const Tokens& tokens) const {
    Text text;
    text.tokens = &tokens;
    text.starts.resize(tokens.size());
    text.soft.resize(tokens.size());
    std::vector<std::vector<Symbol>> plain(tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const std::string& word = tokens[i].text;
        std::vector<Symbol>& symbols = plain[i];
        if (const auto found = words_.find(word); found != words_.end()) symbols.push_back(found->second);
        for (std::size_t length = shortest_prefix - 1; length <= word.size(); ++length) {
            const auto found = prefixes_.find(word.substr(0, length));
            if (found != prefixes_.end()) symbols.push_back(found->second);
        }
        if (is_numeric(word)) symbols.push_back(any_number);
        for (const Symbol symbol : symbols) {
            text.starts[i].push_back({symbol, 1});
            if (symbol >= member_of_.size()) continue;
            for (const Symbol group : member_of_[symbol]) text.starts[i].push_back({group, 1});
        }
    }
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const std::string pair = i + 1 < tokens.size() ? tokens[i].text + " " + tokens[i + 1].text : std::string();
        text.soft[i] = soft_.contains(pair) ? 2 : soft_.contains(tokens[i].text) ? 1 : 0;
        for (const Symbol symbol : plain[i]) {
            const auto phrases = phrases_.find(symbol);
            if (phrases == phrases_.end()) continue;
            for (const Phrase& phrase : phrases->second) {
                bool same = i + phrase.words.size() <= tokens.size();
                for (std::size_t k = 1; same && k < phrase.words.size(); ++k) {
                    const auto& here = plain[i + k];
                    same = tokens[i + k].before != Break::sentence &&
                           std::find(here.begin(), here.end(), phrase.words[k]) != here.end();
                }
                if (same) text.starts[i].push_back({phrase.stands_for, phrase.words.size()});
            }
        }
    }
    return text;
}

std::size_t PatternBook::length_at(const Text& text, std::size_t at, Symbol symbol) const {
    std::size_t longest = 0;
    for (const Start& start : text.starts[at]) {
        if (start.symbol == symbol) longest = std::max(longest, start.length);
    }
    return longest;
}

// Puts elements from `element` on into the words from `at` on. Greedy for the nearest word, going back when that fails.
bool PatternBook::extend(const Text& text, const Part& part, std::size_t element, std::size_t at,
                         std::vector<std::uint16_t>& words) const {
    const Tokens& tokens = *text.tokens;
    if (element == part.elements.size()) {
        return !part.at_end || at >= tokens.size() || tokens[at].before == Break::sentence;
    }
    const Element& wanted = part.elements[element];
    const std::size_t before = words.size();
    std::size_t skipped = 0;
    std::size_t place = at;
    while (place < tokens.size() && (words.empty() || tokens[place].before != Break::sentence)) {
        if (const std::size_t length = length_at(text, place, wanted.symbol); length > 0) {
            for (std::size_t k = 0; k < length; ++k) words.push_back(static_cast<std::uint16_t>(place + k));
            if (extend(text, part, element + 1, place + length, words)) return true;
            words.resize(before);
        }
        if (words.empty()) break;  // the first element stands where the part starts
        const std::size_t soft = text.soft[place];
        if (soft == 0 && ++skipped > wanted.gap) break;
        place += std::max<std::size_t>(soft, 1);
    }
    return wanted.optional && extend(text, part, element + 1, at, words);
}

std::vector<Mention> PatternBook::match(const Tokens& tokens) const {
    std::vector<Mention> mentions;
    const Text text = annotate(tokens);
    std::map<std::uint32_t, std::vector<std::vector<Mention>>> partial;
    std::vector<std::uint16_t> words;
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        for (const Start& start : text.starts[at]) {
            const auto places = starts_.find(start.symbol);
            if (places == starts_.end()) continue;
            for (const Place& place : places->second) {
                const Pattern& pattern = patterns_[place.pattern];
                const Part& part = pattern.parts[place.part];
                if (part.at_start && tokens[at].before != Break::sentence) continue;
                words.clear();
                if (!extend(text, part, 0, at, words) || mentions.size() >= mentions_max) continue;
                Mention mention{pattern.owner, words.front(), words.back(), words};
                if (pattern.parts.size() == 1) {
                    mentions.push_back(std::move(mention));
                } else {
                    auto& found = partial[place.pattern];
                    found.resize(pattern.parts.size());
                    found[place.part].push_back(std::move(mention));
                }
            }
        }
    }
    for (const auto& [index, found] : partial) join_parts(text, patterns_[index], found, mentions);
    return mentions;
}

void PatternBook::join_parts(const Text& text, const Pattern& pattern, const std::vector<std::vector<Mention>>& found,
                             std::vector<Mention>& mentions) const {
    const Tokens& tokens = *text.tokens;
    std::vector<Mention> joined = found.front();
    for (std::size_t p = 1; p < pattern.parts.size(); ++p) {
        std::vector<Mention> longer;
        for (const Mention& left : joined) {
            for (const Mention& right : found[p]) {
                const bool in_order = left.last < right.first;
                const bool reversed = right.last < left.first;
                if (!in_order && !reversed) continue;
                const std::size_t from = in_order ? left.last : right.last;
                const std::size_t to = in_order ? right.first : left.first;
                if (to - from - 1 > pattern.parts[p].distance) continue;
                bool apart = false;
                for (std::size_t i = from + 1; i <= to && !apart; ++i) apart = tokens[i].before == Break::sentence;
                if (apart || longer.size() >= mentions_max) continue;
                Mention both{pattern.owner, std::min(left.first, right.first), std::max(left.last, right.last), {}};
                std::merge(left.words.begin(), left.words.end(), right.words.begin(), right.words.end(),
                           std::back_inserter(both.words));
                longer.push_back(std::move(both));
            }
        }
        joined = std::move(longer);
    }
    const std::size_t room = mentions_max > mentions.size() ? mentions_max - mentions.size() : 0;
    if (joined.size() > room) joined.resize(room);
    std::move(joined.begin(), joined.end(), std::back_inserter(mentions));
}

}  // namespace carevoice::domain::clinical
