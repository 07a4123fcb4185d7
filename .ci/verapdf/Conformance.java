import java.io.File;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.RuleId;

/** Says of each PDF named whether it is PDF/A-2a and PDF/UA-1, with the clauses it breaks. Exit code 0: all are both. */
public class Conformance {
    private static final List<PDFAFlavour> PROMISED = List.of(PDFAFlavour.PDFA_2_A, PDFAFlavour.PDFUA_1);

    public static void main(String[] files) {
        Logger.getLogger("").setLevel(Level.SEVERE);
        VeraGreenfieldFoundryProvider.initialise();
        int broken = 0;
        for (String file : files) {
            for (PDFAFlavour standard : PROMISED) {
                broken += keeps(standard, new File(file)) ? 0 : 1;
            }
        }
        System.out.printf("svar: veraPDF looked at %d files, %d promises broken%n", files.length, broken);
        System.exit(files.length > 0 && broken == 0 ? 0 : 1);
    }

    private static boolean keeps(PDFAFlavour standard, File file) {
        try (var parser = Foundries.defaultInstance().createParser(file, standard);
                var validator = Foundries.defaultInstance().createValidator(standard, false)) {
            ValidationResult result = validator.validate(parser);
            if (!result.isCompliant()) {
                System.out.printf("%s: not %s%n", file.getName(), standard);
                result.getFailedChecks().forEach((rule, times) -> System.out.println("  " + told(rule, times, result)));
            }
            return result.isCompliant() && result.getTotalAssertions() > 0;
        } catch (Exception unreadable) {
            System.out.printf("%s: cannot be read as %s: %s%n", file.getName(), standard, unreadable);
            return false;
        }
    }

    private static String told(RuleId rule, int times, ValidationResult result) {
        String what = result.getValidationProfile().getRuleByRuleId(rule).getDescription();
        return "clause %s test %d, %d times: %s".formatted(rule.getClause(), rule.getTestNumber(), times, what);
    }
}
