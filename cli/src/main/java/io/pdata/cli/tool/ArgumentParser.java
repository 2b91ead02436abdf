package io.pdata.cli.tool;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Reads the command line of a tool from left to right. Several mistakes are reported in the order of thin-provisioning-tools:
 * unknown, malformed and repeated options, where they stand; then options that exclude each other; then missing ones. The
 * value of an option is converted when the next argument has turned out to be a known one.
 */
final class ArgumentParser {
    private static final String LONG = "--";
    private static final String SHORT = "-";

    private final Definition definition;
    private final CommandSpec spec;
    private final UsageErrors errors;
    private final Iterator<PositionalParamSpec> parameters;
    private final Map<OptionSpec, List<Object>> given = new LinkedHashMap<>();
    private final Set<ArgSpec> set = new LinkedHashSet<>();
    private OptionSpec pending;
    private String pendingValue;
    private boolean onlyParameters;

    ArgumentParser(Definition definition) {
        this.definition = definition;
        this.spec = definition.spec();
        this.errors = new UsageErrors(spec);
        this.parameters = spec.positionalParameters().iterator();
    }

    /**
     * Reads the arguments, and hands each value over to where it goes.
     *
     * @return the options that were given
     * @throws UsageException if the command line is wrong
     */
    Set<OptionSpec> parse(String[] arguments) {
        for (String argument : arguments) {
            if (onlyParameters || argument.equals(SHORT) || !argument.startsWith(SHORT)) {
                value(argument);
            } else if (argument.equals(LONG)) {
                onlyParameters = true;
            } else if (argument.startsWith(LONG)) {
                longOption(argument);
            } else {
                shortOptions(argument.substring(1));
            }
            if (isDoneInstead()) {
                return given.keySet();
            }
        }
        resolvePending();
        refuseConflicts();
        requireAll();
        setDefaults();
        return given.keySet();
    }

    /** Whether an option such as {@code --help} was met, after which nothing counts. */
    private boolean isDoneInstead() {
        return given.keySet().stream().anyMatch(Definition::isDoneInstead);
    }

    private void longOption(String argument) {
        int equals = argument.indexOf('=');
        String name = equals < 0 ? argument : argument.substring(0, equals);
        OptionSpec option = spec.findOption(name);
        if (option == null) {
            throw errors.unknownOption(name, given.keySet());
        }
        resolvePending();
        accept(option, equals < 0 ? null : argument.substring(equals + 1));
    }

    /** Several options of one letter in one argument; the value of the last may follow without a blank. */
    private void shortOptions(String letters) {
        for (int i = 0; i < letters.length(); i++) {
            OptionSpec option = spec.findOption(letters.charAt(i));
            if (option == null) {
                throw errors.unknownOption(SHORT + Character.toString(letters.codePointAt(i)), given.keySet());
            }
            resolvePending();
            if (takesValue(option)) {
                String rest = letters.substring(i + 1);
                accept(option, rest.isEmpty() ? null : rest.startsWith("=") ? rest.substring(1) : rest);
                return;
            }
            accept(option, null);
        }
    }

    private static boolean takesValue(OptionSpec option) {
        return option.arity().max() > 0;
    }

    /** @param attached the value that is part of the same argument, or null */
    private void accept(OptionSpec option, String attached) {
        if (!takesValue(option)) {
            if (attached != null) {
                throw errors.unexpectedValue(option, attached);
            }
            store(option, true);
        } else if (attached != null) {
            store(option, convert(option, attached));
        } else if (option.arity().min() == 0) {
            requireFirst(option);
            given.put(option, new ArrayList<>());
            Definition.withoutValue(option);
        } else {
            pending = option;
            pendingValue = null;
        }
    }

    /** An argument without a dash: the value of the option before it, or a parameter. */
    private void value(String argument) {
        if (pending != null && pendingValue == null && !onlyParameters) {
            pendingValue = argument;
            return;
        }
        resolvePending();
        if (!parameters.hasNext()) {
            throw errors.unexpectedParameter(argument);
        }
        PositionalParamSpec parameter = parameters.next();
        set(parameter, convert(parameter, argument));
    }

    private void resolvePending() {
        OptionSpec option = pending;
        if (option == null) {
            return;
        }
        pending = null;
        if (pendingValue == null) {
            throw errors.missingValue(option);
        }
        store(option, convert(option, pendingValue));
    }

    private void store(OptionSpec option, Object value) {
        if (!option.isMultiValue()) {
            requireFirst(option);
            given.put(option, List.of(value));
            set(option, value);
            return;
        }
        List<Object> values = given.computeIfAbsent(option, _ -> new ArrayList<>());
        values.add(value);
        set(option, values);
    }

    private void requireFirst(OptionSpec option) {
        if (given.containsKey(option)) {
            throw errors.repeated(option);
        }
    }

    private void set(ArgSpec argument, Object value) {
        set.add(argument);
        try {
            argument.setter().set(value);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e); // setters of definitions throw nothing else
        }
    }

    private Object convert(ArgSpec argument, String value) {
        try {
            return argument.converters()[0].convert(value);
        } catch (Exception e) { // whatever a converter finds wrong with it
            throw errors.invalid(argument, value, e);
        }
    }

    private void refuseConflicts() {
        for (OptionSpec option : given.keySet()) {
            List<OptionSpec> others = given.keySet().stream().filter(other -> definition.exclude(option, other))
                    .toList();
            if (!others.isEmpty()) {
                throw errors.conflict(option, others, given.keySet());
            }
        }
    }

    private void requireAll() {
        List<ArgSpec> missing = new ArrayList<>();
        spec.options().stream().filter(option -> option.required() && !given.containsKey(option)).forEach(missing::add);
        spec.positionalParameters().stream().filter(each -> each.required() && !set.contains(each))
                .forEach(missing::add);
        if (!missing.isEmpty()) {
            throw errors.missing(missing, given.keySet());
        }
    }

    private void setDefaults() {
        for (OptionSpec option : spec.options()) {
            if (option.defaultValue() != null && !given.containsKey(option)) {
                set(option, convert(option, option.defaultValue()));
            }
        }
    }
}
