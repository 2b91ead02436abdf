package io.pdata.cli.tool;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Says what a tool takes on its command line: in code and not in annotations, for which the virtual machine would make classes at
 * each start, and that takes longer than a small check (decision 18). Help, manual and completion are made of the same.
 */
public final class Definition {
    private static final String NONE = "0";
    private static final String ONE = "1";
    private static final String PERHAPS = "0..1";

    private final CommandSpec spec;
    /** By an option's long name, the long names of those that it cannot be given with. */
    private final Map<String, Set<String>> exclusions = new HashMap<>();

    private final List<Supplier<String>> inputs = new ArrayList<>();

    Definition(CommandSpec spec) {
        this.spec = spec;
    }

    CommandSpec spec() {
        return spec;
    }

    /** Names an input: should the tool fail, it says if that holds something other than is needed. */
    public void reads(Needed needed, Supplier<Path> path) {
        inputs.add(() -> WrongInput.advice(spec.name(), needed, path.get()));
    }

    /** Advice about an input of the wrong kind, or null. */
    String wrongInput() {
        return inputs.stream().map(Supplier::get).filter(Objects::nonNull).findFirst().orElse(null);
    }

    /** What the tool is called and does, and an example of its use, or several. */
    public void describe(String name, String description, String... examples) {
        spec.name(name);
        spec.usageMessage().description(description.split("\n")).footer(examples);
    }

    /** How it is called, where that cannot be told by what is required. */
    public void synopsis(String line) {
        spec.usageMessage().customSynopsis(line);
    }

    /**
     * Refuses options that make no sense together.
     *
     * @param option the long name of an option
     * @param others the long names of those that it cannot be given with
     */
    public void exclusive(String option, String... others) {
        for (String other : others) {
            exclusions.computeIfAbsent(option, _ -> new HashSet<>()).add(other);
            exclusions.computeIfAbsent(other, _ -> new HashSet<>()).add(option);
        }
    }

    /** Whether two options cannot be given together. */
    boolean exclude(OptionSpec one, OptionSpec other) {
        return exclusions.getOrDefault(one.longestName(), Set.of()).contains(other.longestName());
    }

    /** Whether an option replaces the work of the tool. */
    static boolean isDoneInstead(OptionSpec option) {
        return option.setter() instanceof Argument<?> argument && argument.instead;
    }

    /** Carries out an option that was given without its optional value. */
    static void withoutValue(OptionSpec option) {
        if (option.setter() instanceof Argument<?> argument) {
            argument.alone.run();
        }
    }

    /** An option without a value. */
    public Argument<Boolean> flag(String... names) {
        return new Argument<>(it -> spec.addOption(it.fill(OptionSpec.builder(names).arity(NONE).type(boolean.class))));
    }

    /** An option without a value that replaces the work of the tool, whatever else is given or missing. */
    Argument<Boolean> flagInstead(String... names) {
        Argument<Boolean> argument = flag(names);
        argument.instead = true;
        return argument;
    }

    /** An option without a value that can be given several times. */
    public Argument<List<Boolean>> flags(String... names) {
        return new Argument<>(it -> spec.addOption(it.fill(OptionSpec.builder(names).arity(NONE).type(List.class)
                .auxiliaryTypes(Boolean.class))));
    }

    /** An option with a value. */
    public <T> Argument<T> option(Kind<T> kind, String... names) {
        return new Argument<>(it -> spec.addOption(it.fill(OptionSpec.builder(names).arity(it.arity())
                .type(kind.type()).converters(kind.reader()))));
    }

    /** An option with a value that can be given several times. */
    public <T> Argument<List<T>> options(Kind<T> kind, String... names) {
        return new Argument<>(it -> spec.addOption(it.fill(OptionSpec.builder(names).arity(ONE).type(List.class)
                .auxiliaryTypes(kind.type()).converters(kind.reader()))));
    }

    /** What stands beside the options and cannot be left out: each time it is called, the next one. */
    public <T> Argument<T> parameter(Kind<T> kind) {
        return parameter(kind, true);
    }

    /** What stands beside the options and can be left out. */
    public <T> Argument<T> optionalParameter(Kind<T> kind) {
        return parameter(kind, false);
    }

    private <T> Argument<T> parameter(Kind<T> kind, boolean required) {
        String index = Integer.toString(spec.positionalParameters().size());
        return new Argument<>(it -> spec.addPositional(it.fill(PositionalParamSpec.builder().index(index)
                .arity(required ? ONE : PERHAPS).required(required).type(kind.type()).converters(kind.reader()))));
    }

    /** One of them; {@link #into} comes last, and adds it. */
    public static final class Argument<T> implements ISetter, IGetter {
        private final Consumer<Argument<T>> add;
        private String label = "";
        private String description;
        private boolean required;
        private boolean hidden;
        private boolean instead;
        private String otherwise;
        private Runnable alone;
        private Consumer<T> field;
        private T value;

        private Argument(Consumer<Argument<T>> add) {
            this.add = add;
        }

        /** What its value is called in the help. */
        public Argument<T> label(String name) {
            label = name;
            return this;
        }

        /** What the help says of it. */
        public Argument<T> means(String text) {
            description = text;
            return this;
        }

        /** An option that cannot be left out. */
        public Argument<T> required() {
            required = true;
            return this;
        }

        /** The help does not mention it. */
        public Argument<T> hidden() {
            hidden = true;
            return this;
        }

        /** What its value is if it is not given. */
        public Argument<T> orElse(String text) {
            otherwise = text;
            return this;
        }

        /**
         * An option whose value may be left out. A value follows the name without a blank; an argument of its own is never the
         * value.
         *
         * @param without what to do if it is given without a value
         */
        public Argument<T> orAlone(Runnable without) {
            alone = without;
            return this;
        }

        /** Where the value goes when the command line is read; nothing is done if there is none. */
        public void into(Consumer<T> target) {
            field = target;
            add.accept(this);
        }

        @Override
        @SuppressWarnings("unchecked") // a kind's reader has made it
        public <V> V set(V given) {
            value = (T) given;
            if (value != null) {
                field.accept(value);
            }
            return null;
        }

        /** Where there are several, each is added to those before it. */
        @Override
        @SuppressWarnings("unchecked")
        public <V> V get() {
            return (V) value;
        }

        private String arity() {
            return alone == null ? ONE : PERHAPS;
        }

        private OptionSpec fill(OptionSpec.Builder option) {
            return option.paramLabel(label).description(description).required(required).hidden(hidden)
                    .defaultValue(otherwise).setter(this).getter(this).build();
        }

        private PositionalParamSpec fill(PositionalParamSpec.Builder parameter) {
            return parameter.paramLabel(label).description(description).hidden(hidden).setter(this).getter(this)
                    .build();
        }
    }
}
