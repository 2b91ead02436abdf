package io.pdata.testkit;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Simpler variants of a record: one of its numbers nearer to zero, the others as they are. */
final class Operands {
    private Operands() {}

    /** Empty for anything but a record, or if there is nothing to simplify. */
    static <O> List<O> simpler(O operation) {
        List<O> variants = new ArrayList<>();
        if (operation instanceof Record) {
            RecordComponent[] components = operation.getClass().getRecordComponents();
            Object[] values = Stream.of(components).map(component -> value(operation, component)).toArray();
            for (int i = 0; i < values.length; i++) {
                for (Object smaller : smaller(values[i])) {
                    Object[] changed = values.clone();
                    changed[i] = smaller;
                    addIfValid(variants, operation, components, changed);
                }
            }
        }
        return variants;
    }

    private static List<Object> smaller(Object value) {
        return switch (value) {
        case Long n -> nearerToZero(n).<Object>mapToObj(x -> x).toList();
        case Integer n -> nearerToZero(n).<Object>mapToObj(x -> (int) x).toList();
        case Boolean b -> b ? List.of(false) : List.of();
        case null, default -> List.of();
        };
    }

    private static Object value(Object record, RecordComponent component) {
        try {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A record's constructor may refuse a number: that variant is left out. */
    private static <O> void addIfValid(List<O> variants, O like, RecordComponent[] components, Object[] values) {
        try {
            Class<?>[] types = Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            @SuppressWarnings("unchecked")
            Constructor<O> constructor = (Constructor<O>) like.getClass().getDeclaredConstructor(types);
            constructor.setAccessible(true);
            variants.add(constructor.newInstance(values));
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof IllegalArgumentException)) {
                throw new IllegalStateException(e);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Zero, half, one less; nothing for zero itself. Unsigned keys shrink likewise. */
    private static LongStream nearerToZero(long n) {
        return LongStream.of(0, n / 2, n - Long.signum(n)).distinct().filter(smaller -> smaller != n);
    }
}
