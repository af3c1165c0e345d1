#include "domain/clinical/lexicon.h"

#include "core/text.h"
#include "domain/clinical/sound.h"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

namespace carevoice::domain::clinical {

namespace {

namespace json = boost::json;

constexpr std::size_t shortest_sound = 6;

Error wrong(const std::string& where, const std::string& what) {
    return Error{Errc::corrupt, "protocols/lexicon.json: " + where + ": " + what, where};
}

Result<std::vector<std::string>> strings(const json::value& value, const std::string& where) {
    const json::array* list = value.if_array();
    if (list == nullptr) return wrong(where, "has to be a list of texts");
    std::vector<std::string> texts;
    for (const json::value& item : *list) {
        if (!item.is_string() || item.get_string().empty()) return wrong(where, "holds something that is no text");
        texts.emplace_back(item.get_string());
    }
    return texts;
}

Result<FactValue> fact_value(const json::value& value, const std::string& where) {
    if (value.is_bool()) return FactValue(value.get_bool());
    if (value.is_string()) return FactValue(std::string(value.get_string()));
    if (value.is_number()) return FactValue(value.to_number<double>());
    auto list = strings(value, where);
    if (!list) return list.error();
    return FactValue(std::move(*list));
}

std::vector<std::string> words_of(std::string_view phrase) {
    std::vector<std::string> words;
    for (Token& token : tokenise(phrase)) words.push_back(std::move(token.text));
    return words;
}

}  // namespace

// Fills a Lexicon section by section, each checked whole.
struct Lexicon::Loader {
    Lexicon& lexicon;
    const json::object& root;

    Result<const json::object*> section(std::string_view name) const {
        const json::value* value = root.if_contains(name);
        if (value == nullptr || !value->is_object()) return wrong(std::string(name), "is missing or no object");
        return &value->get_object();
    }

    Result<std::vector<std::string>> list(std::string_view name) const {
        const json::value* value = root.if_contains(name);
        if (value == nullptr) return wrong(std::string(name), "is missing");
        return strings(*value, std::string(name));
    }

    Result<> soft_and_common() const {
        auto soft = list("soft_words");
        if (!soft) return soft.error();
        lexicon.patterns_.define_soft_words(*soft);
        auto common = list("common_words");
        if (!common) return common.error();
        lexicon.common_words_ = std::move(*common);
        std::sort(lexicon.common_words_.begin(), lexicon.common_words_.end());
        return {};
    }

    Result<> mishearings() const {
        auto found = section("mishearings");
        if (!found) return found.error();
        for (const auto& [heard, meant] : **found) {
            Rewrite rewrite{words_of(heard), {}};
            if (meant.is_string()) rewrite.to = words_of(meant.get_string());
            if (rewrite.from.empty() || rewrite.to.empty())
                return wrong("mishearings." + std::string(heard), "needs words");
            lexicon.rewrites_[rewrite.from.front()].push_back(std::move(rewrite));
        }
        for (auto& [word, list] : lexicon.rewrites_) {
            std::stable_sort(list.begin(), list.end(),
                             [](const Rewrite& a, const Rewrite& b) { return a.from.size() > b.from.size(); });
        }
        return {};
    }

    Result<> drugs() const {
        auto found = section("drugs");
        if (!found) return found.error();
        for (const auto& [group, members] : **found) {
            const std::string where = "drugs." + std::string(group);
            if (!members.is_object()) return wrong(where, "has to map generic names to lists of names");
            std::vector<std::string> class_names;
            for (const auto& [generic, names] : members.get_object()) {
                auto texts = strings(names, where + "." + std::string(generic));
                if (!texts) return texts.error();
                Drug drug{std::string(generic), std::string(group), std::move(*texts), {}};
                drug.names.push_back(drug.generic);
                for (const std::string& name : drug.names) {
                    std::string key = sound_key(name);
                    if (key.size() >= shortest_sound) drug.sounds.push_back(std::move(key));
                    lexicon.drug_names_[name] = lexicon.drugs_.size();
                    class_names.push_back(name);
                }
                lexicon.drugs_.push_back(std::move(drug));
            }
            if (auto defined = lexicon.patterns_.define_class(std::string(group) + "_name", class_names); !defined) {
                return wrong(where, defined.error().detail);
            }
        }
        return {};
    }

    Result<> classes() const {
        auto found = section("classes");
        if (!found) return found.error();
        for (const auto& [name, members] : **found) {
            const std::string where = "classes." + std::string(name);
            auto texts = strings(members, where);
            if (!texts) return texts.error();
            auto defined = lexicon.patterns_.define_class(std::string(name), *texts);
            if (!defined) return wrong(where, defined.error().detail);
        }
        return {};
    }

    Result<> patterns(Entry entry, const json::value& list, const std::string& where) const {
        auto texts = strings(list, where);
        if (!texts) return texts.error();
        const auto owner = static_cast<std::uint32_t>(lexicon.entries_.size());
        if (!lexicon.index_.try_emplace(entry.name, owner).second) return wrong(where, "is there twice");
        for (const std::string& text : *texts) {
            if (auto added = lexicon.patterns_.add(owner, text); !added) return wrong(where, added.error().detail);
        }
        lexicon.entries_.push_back(std::move(entry));
        return {};
    }

    Result<> group(std::string_view section_name, const std::string& prefix) const {
        auto found = section(section_name);
        if (!found) return found.error();
        for (const auto& [name, list] : **found) {
            Entry entry;
            entry.name = prefix + std::string(name);
            if (auto done = patterns(entry, list, std::string(section_name) + "." + std::string(name)); !done)
                return done;
        }
        return {};
    }

    static Result<Facts> facts(const json::value& value, const std::string& where) {
        if (!value.is_object()) return wrong(where, "has to be an object");
        Facts facts;
        for (const auto& [name, fact] : value.get_object()) {
            auto read = fact_value(fact, where);
            if (!read) return read.error();
            facts[std::string(name)] = std::move(*read);
        }
        return facts;
    }

    static Result<> attribute(Entry& entry, std::string_view key, const json::value& value, const std::string& where) {
        if (key == "fact" || key == "denied") {
            auto read = facts(value, where);
            if (!read) return read.error();
            (key == "fact" ? entry.facts : entry.facts_when_denied) = std::move(*read);
            return {};
        }
        const std::pair<std::string_view, bool Entry::*> flags[] = {{"fades", &Entry::fades},
                                                                    {"even_if_supposed", &Entry::even_if_supposed},
                                                                    {"even_if_past", &Entry::even_if_past},
                                                                    {"even_if_recited", &Entry::even_if_recited},
                                                                    {"even_if_other", &Entry::even_if_other},
                                                                    {"event", &Entry::event},
                                                                    {"grave", &Entry::grave},
                                                                    {"no_answer", &Entry::no_answer}};
        for (const auto& [name, member] : flags) {
            if (name != key) continue;
            if (!value.is_bool()) return wrong(where, std::string(key) + " has to be true or false");
            entry.*member = value.get_bool();
            return {};
        }
        return wrong(where, "unknown attribute " + std::string(key));
    }

    Result<> concepts() const {
        auto found = section("concepts");
        if (!found) return found.error();
        for (const auto& [name, value] : **found) {
            const std::string where = "concepts." + std::string(name);
            Entry entry;
            entry.name = std::string(name);
            entry.is_concept = true;
            if (value.is_array()) {
                if (auto done = patterns(entry, value, where); !done) return done;
                continue;
            }
            if (!value.is_object() || !value.get_object().contains("patterns")) return wrong(where, "has no patterns");
            for (const auto& [key, part] : value.get_object()) {
                if (key == "patterns") continue;
                if (auto done = attribute(entry, key, part, where); !done) return done;
            }
            if (auto done = patterns(entry, value.get_object().at("patterns"), where); !done) return done;
        }
        return {};
    }

    Result<> run() const {
        for (const auto step : {&Loader::soft_and_common, &Loader::mishearings, &Loader::drugs, &Loader::classes}) {
            if (auto done = (this->*step)(); !done) return done;
        }
        for (const auto& [name, prefix] : {std::pair{"cues", "cue."},
                                           {"answers", "answer."},
                                           {"wishes", "wish."},
                                           {"topics", "topic."},
                                           {"pain", "pain."}}) {
            if (auto done = group(name, prefix); !done) return done;
        }
        return concepts();
    }
};

Result<Lexicon> Lexicon::load(std::string_view text) {
    boost::system::error_code failed;
    json::parse_options options;
    options.allow_comments = true;
    const json::value root = json::parse(json::string_view(text.data(), text.size()), failed, {}, options);
    if (failed || !root.is_object()) return Error{Errc::corrupt, "protocols/lexicon.json is no JSON object"};
    Lexicon lexicon;
    if (auto done = Loader{lexicon, root.get_object()}.run(); !done) return done.error();
    return lexicon;
}

std::optional<std::uint32_t> Lexicon::find(std::string_view name) const {
    const auto found = index_.find(name);
    if (found == index_.end()) return std::nullopt;
    return found->second;
}

const Drug* Lexicon::drug(std::string_view name) const {
    const auto found = drug_names_.find(to_lower_ascii(name));
    return found == drug_names_.end() ? nullptr : &drugs_[found->second];
}

const Lexicon::Rewrite* Lexicon::rewrite_at(const Tokens& tokens, std::size_t at) const {
    const auto found = rewrites_.find(tokens[at].text);
    if (found == rewrites_.end()) return nullptr;
    for (const Rewrite& rewrite : found->second) {
        bool same = at + rewrite.from.size() <= tokens.size();
        for (std::size_t k = 1; same && k < rewrite.from.size(); ++k) {
            same = tokens[at + k].text == rewrite.from[k] && tokens[at + k].before != Break::sentence;
        }
        if (same) return &rewrite;
    }
    return nullptr;
}

// One to four words that sound like a drug's name but are none of the words people really use.
const Drug* Lexicon::drug_by_sound(const Tokens& tokens, std::size_t at, std::size_t& length) const {
    std::string letters;
    const Drug* best = nullptr;
    bool all_common = true;
    for (std::size_t k = 0; k < 4 && at + k < tokens.size(); ++k) {
        const Token& token = tokens[at + k];
        if (k > 0 && token.before != Break::none) break;
        if (is_numeric(token.text) || token.text == "'s") break;
        const bool common = std::binary_search(common_words_.begin(), common_words_.end(), token.text);
        if (!common && patterns_.may_match(token.text)) break;
        all_common = all_common && common;
        letters += token.text;
        if (all_common) continue;
        const std::string key = sound_key(letters);
        for (const Drug& drug : drugs_) {
            for (const std::string& sound : drug.sounds) {
                const std::size_t limit = sound.size() >= 8 ? 1 : 0;
                if (!key.empty() && key.front() == sound.front() && sound_distance(key, sound, limit) <= limit) {
                    best = &drug;
                    length = k + 1;
                }
            }
        }
    }
    return best;
}

Tokens Lexicon::read_words(std::string_view utterance) const {
    const Tokens heard = tokenise(utterance);
    Tokens tokens;
    tokens.reserve(heard.size());
    const auto put = [&](std::string text, std::size_t first, std::size_t last, Break before) {
        tokens.push_back({std::move(text), heard[first].begin, heard[last].end, before, heard[first].asks});
    };
    for (std::size_t at = 0; at < heard.size();) {
        const Token& token = heard[at];
        std::size_t length = 1;
        if (const Rewrite* rewrite = rewrite_at(heard, at)) {
            length = rewrite->from.size();
            Break before = token.before;
            for (const std::string& word : rewrite->to)
                put(word, at, at + length - 1, std::exchange(before, Break::none));
        } else if (at + 1 < heard.size() && heard[at + 1].before == Break::none && token.text.size() >= 2 &&
                   token.text.size() + heard[at + 1].text.size() >= 7 && heard[at + 1].text.size() >= 2 &&
                   patterns_.knows_word(token.text + heard[at + 1].text)) {
            length = 2;
            put(token.text + heard[at + 1].text, at, at + 1, token.before);
        } else if (drug_names_.contains(token.text)) {
            put(token.text, at, at, token.before);
        } else if (const Drug* drug = drug_by_sound(heard, at, length)) {
            put(drug->names.front(), at, at + length - 1, token.before);
        } else {
            put(token.text, at, at, token.before);
        }
        at += length;
    }
    drop_fillers(tokens);
    return tokens;
}

}  // namespace carevoice::domain::clinical
