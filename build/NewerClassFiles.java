import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;

/**
 * Brings the class files of jars that were compiled for Java 5 to the form of Java 8: what they say stays the same, and the
 * types that the verifier wants to find at jumps are noted in them. The virtual machine's ahead-of-time cache takes nothing
 * older than Java 6, and picocli is for Java 5.
 *
 * <p>{@code java NewerClassFiles.java JAR...} replaces each jar that has such classes.
 */
final class NewerClassFiles {
    private static final int OLDEST_FOR_THE_CACHE = 50;
    private static final ClassTransform NEWER = ((ClassTransform) (to, element) -> to
            .with(element instanceof ClassFileVersion ? ClassFileVersion.of(ClassFile.JAVA_8_VERSION, 0) : element))
            .andThen(ClassTransform.transformingMethodBodies((to, element) -> to.with(element)));

    private NewerClassFiles() {}

    public static void main(String[] jars) throws IOException {
        for (String name : jars) {
            Path jar = Path.of(name);
            Path made = jar.resolveSibling(jar.getFileName() + ".new");
            int changed = convert(jar, made);
            if (changed == 0) {
                Files.delete(made);
            } else {
                Files.move(made, jar, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static int convert(Path from, Path to) throws IOException {
        int changed = 0;
        try (URLClassLoader classes = new URLClassLoader(new URL[]{from.toUri().toURL()});
                JarFile in = new JarFile(from.toFile());
                OutputStream file = Files.newOutputStream(to);
                JarOutputStream out = new JarOutputStream(file)) {
            ClassFile tool = ClassFile.of(ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                    ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(classes)
                            .orElse(ClassHierarchyResolver.defaultResolver())));
            for (JarEntry entry : Collections.list(in.entries())) {
                byte[] content = read(in, entry);
                if (entry.getName().endsWith(".class")) {
                    ClassModel model = tool.parse(content);
                    if (model.majorVersion() < OLDEST_FOR_THE_CACHE) {
                        content = newer(tool, model);
                        changed++;
                    }
                }
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTime(entry.getTime());
                out.putNextEntry(copy);
                out.write(content);
                out.closeEntry();
            }
        }
        return changed;
    }

    private static byte[] newer(ClassFile tool, ClassModel model) {
        byte[] content = tool.transformClass(model, NEWER);
        if (!tool.verify(content).isEmpty()) {
            throw new IllegalStateException(model.thisClass().asInternalName() + ": " + tool.verify(content));
        }
        return content;
    }

    private static byte[] read(JarFile jar, JarEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }
}
