import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.TypeElement;

/** A processor of the build's that calls C: a library that was compiled for the target. */
@SupportedAnnotationTypes("*")
public class Native extends AbstractProcessor {
  private static native String machine();

  @Override
  public SourceVersion getSupportedSourceVersion() {
    return SourceVersion.latest();
  }

  @Override
  public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
    if (!round.processingOver()) return false;
    System.load(System.getProperty("native"));
    System.out.println("compiled for " + machine());
    return false;
  }
}
