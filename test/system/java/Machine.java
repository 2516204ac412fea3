import java.util.Set;
import java.util.TreeSet;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.TypeElement;

/** A processor of the build's: says what the compiler that it runs in says of its machine. */
@SupportedAnnotationTypes("*")
public class Machine extends AbstractProcessor {
  @Override
  public SourceVersion getSupportedSourceVersion() {
    return SourceVersion.latest();
  }

  @Override
  public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
    if (!round.processingOver()) return false;
    for (String name : new TreeSet<>(System.getProperties().stringPropertyNames())) {
      if (name.matches("(os|java|sun)[.].*")) System.out.println(name + " = " + System.getProperty(name));
    }
    return false;
  }
}
