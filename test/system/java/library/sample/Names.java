package sample;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Names of {@linkplain Shape shapes}, in more than one alphabet: κύκλος. */
public final class Names {
  /** Languages that there are names in. */
  public enum Language {
    ENGLISH,
    GREEK
  }

  private static final Map<Language, List<String>> NAMES = new EnumMap<>(Language.class);
  private static final float NONE = 0f / 0f;
  private static final long MANY = 0x123456789abcdefL;

  static {
    NAMES.put(Language.ENGLISH, List.of("circle", "square"));
    NAMES.put(Language.GREEK, List.of("κύκλος", "τετράγωνο"));
  }

  private Names() {}

  /**
   * What a shape is called.
   *
   * @param shape any
   * @param language of the name
   * @return the name
   */
  public static String of(Shape shape, Language language) {
    return NAMES.get(language).get(shape instanceof Shape.Circle ? 0 : 1);
  }

  /** A name's number; with a warning of the compiler's. */
  public static int number(String name) {
    List untyped = NAMES.values().stream().flatMap(List::stream).collect(Collectors.toList());
    return switch (name) {
      case "circle", "κύκλος" -> 1;
      case "square" -> (int) (MANY % untyped.size());
      default -> Float.isNaN(NONE) ? -1 : 0;
    };
  }

  /** Part of what C calls: javac writes a header for it. */
  public native long count(String[] names, double weight);
}
