// One SQL statement with its parameters and its result. Values travel as parameters only.
//
// A table's columns are named once, in its row type:
//
//     struct PetRow {
//         static constexpr std::string_view table = "pets";
//         std::string name;
//         std::optional<long long> age_days;
//         template <class Row, class Visit>
//         static void each_column(Row& row, Visit&& visit) {
//             visit("name", row.name);
//             visit("age_days", row.age_days);
//         }
//     };
//
// and the SQL to read and write it follows from that. Members are std::string, long long, double, or an optional of
// these. Everything here throws soci::soci_error; Connections turns that into an Error.
#pragma once

#include <soci/soci.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// NULL in the database is an empty optional here.
template <class T>
struct soci::type_conversion<std::optional<T>> {
    using base_type = typename type_conversion<T>::base_type;

    static void from_base(const base_type& in, indicator state, std::optional<T>& out) {
        out.reset();
        if (state == i_null) return;
        T value{};
        type_conversion<T>::from_base(in, state, value);
        out = std::move(value);
    }
    static void to_base(const std::optional<T>& in, base_type& out, indicator& state) {
        state = i_null;
        if (in) type_conversion<T>::to_base(*in, out, state);
    }
};

namespace carevoice::storage::sql {

/// `text` with each byte that is not UTF-8, and each NUL, replaced by U+FFFD: PostgreSQL refuses both, and a broken
/// byte from a recogniser must not cost the alert that is stored with it.
std::string storable_text(std::string text);

class Query {
public:
    Query(soci::session& session, std::string sql) : statement_(session), sql_(std::move(sql)) {}

    /// Binds `:name`. The value is copied.
    template <class T>
    Query& bind(std::string_view name, T value) {
        if constexpr (std::is_convertible_v<T, std::string_view>) {
            keep(name, storable_text(std::string(std::move(value))));
        } else if constexpr (std::is_same_v<T, std::optional<std::string>>) {
            if (value) value = storable_text(std::move(*value));
            keep(name, std::move(value));
        } else if constexpr (std::is_integral_v<T>) {
            keep(name, static_cast<long long>(value));
        } else {
            keep(name, std::move(value));
        }
        return *this;
    }

    /// Binds every column of `row` under its own name.
    template <class Row>
    Query& bind_row(const Row& row) {
        Row::each_column(row, [this](std::string_view name, const auto& value) { this->bind(name, value); });
        return *this;
    }

    /// The next result column goes into `target`, which must live as long as the query.
    template <class T>
    Query& into(T& target) {
        statement_.exchange(soci::into(target));
        return *this;
    }

    /// The result columns go into `row`, in the order of column_list<Row>().
    template <class Row>
    Query& into_row(Row& row) {
        Row::each_column(row, [this](std::string_view, auto& value) { this->into(value); });
        return *this;
    }

    /// Runs the statement on the first call; true while there is a row to look at.
    bool next();
    /// Runs a statement without result. Returns the number of rows that it touched.
    long long run();

private:
    template <class T>
    void keep(std::string_view name, T value) {
        // SOCI holds references to what it binds.
        auto kept = std::make_shared<T>(std::move(value));
        statement_.exchange(soci::use(std::as_const(*kept), std::string(name)));
        kept_.push_back(std::move(kept));
    }
    void prepare();

    std::vector<std::shared_ptr<void>> kept_;
    soci::statement statement_;
    std::string sql_;
    bool started_ = false;
};

/// "name, age_days"
template <class Row>
std::string column_list() {
    std::string list;
    const Row row{};
    Row::each_column(row, [&list](std::string_view name, const auto&) {
        if (!list.empty()) list += ", ";
        list += name;
    });
    return list;
}

/// "SELECT name, age_days FROM pets" and, after a space, `rest`.
template <class Row>
std::string select_sql(std::string_view rest) {
    return "SELECT " + column_list<Row>() + " FROM " + std::string(Row::table) + " " + std::string(rest);
}

/// "INSERT INTO pets (name, age_days) VALUES (:name, :age_days)"
template <class Row>
std::string insert_sql() {
    std::string values;
    const Row row{};
    Row::each_column(row, [&values](std::string_view name, const auto&) {
        values += values.empty() ? ":" : ", :";
        values += name;
    });
    return "INSERT INTO " + std::string(Row::table) + " (" + column_list<Row>() + ") VALUES (" + values + ")";
}

/// "UPDATE pets SET name = :name, age_days = :age_days" and, after a space, `rest`.
template <class Row>
std::string update_sql(std::string_view rest) {
    std::string assignments;
    const Row row{};
    Row::each_column(row, [&assignments](std::string_view name, const auto&) {
        if (!assignments.empty()) assignments += ", ";
        assignments.append(name).append(" = :").append(name);
    });
    return "UPDATE " + std::string(Row::table) + " SET " + assignments + " " + std::string(rest);
}

}  // namespace carevoice::storage::sql
