using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Text;

namespace Mtlc.Tests.Parsing;

/// <summary>Each mistake gets one message, with the right code at the right place, which `§` marks; nothing else is
/// said.</summary>
public class WrongProgramTests
{
    /// <summary>In a model, which is correct around it.</summary>
    public static TheoryData<string, string> Statements =>
        new()
        {
            { "MTL1001", "task semseg §segmentation { classes: 19 }" },
            { "MTL1001", "task semseg: segmentation { classes §19 }" },
            { "MTL1001", "task semseg: segmentation { classes: §}" },
            { "MTL1001", "task §: depth" },
            { "MTL1001", "task semseg: segmentation { classes: 19 } §{ ignore: 255 }" },
            { "MTL1001", "task contour: contour of§" },
            { "MTL1001", "task a: depth §classes: 19" },
            { "MTL1001", "task a: depth§," },
            { "MTL1001", "encoder trunk§" },
            { "MTL1001", "encoder trunk: §5" },
            { "MTL1001", "encoder e: resnet34 { weights: imagenet, §: 3 }" },
            { "MTL1001", "encoder e: resnet34 { weights: imagenet,§, dilate: 3 }" },
            { "MTL1001", "aspp context: trunk§" },
            { "MTL1001", "aspp context: trunk -> §{ rates: [3] }" },
            { "MTL1001", "aspp context: trunk ->§" },
            { "MTL1001", "decoder d: a + §-> semseg" },
            { "MTL1001", "decoder d: a +§" },
            { "MTL1001", "decoder d: a§" },
            { "MTL1001", "decoder d: a ->§" },
            { "MTL1001", "decoder d: a -> semseg,§" },
            { "MTL1001", "decoder d: a/§x -> semseg" },
            { "MTL1001", "decoder d: §5 -> semseg" },
            { "MTL1001", "decoder d: a -> §-> semseg" },
            { "MTL1001", "attention a: b §+ c" },
            { "MTL1001", "refine semseg: §[1]" },
            { "MTL1001", "loss: 0.5 *§" },
            { "MTL1001", "loss: l1(a) +§+ l2(a)" },
            { "MTL1001", "loss: l1(a) §l2(a)" },
            { "MTL1001", "loss: l1(a §b)" },
            { "MTL1001", "let§" },
            { "MTL1001", "let x§" },
            { "MTL1001", "let x =§" },
            { "MTL1001", "let x = [1 §2]" },
            { "MTL1001", "let x = [for r §rates: f(r)]" },
            { "MTL1001", "let x = [for r in rates §f(r)]" },
            { "MTL1001", "let x = if a then b§" },
            { "MTL1001", "let x = if a §b else c" },
            { "MTL1001", "let x = a |> §5" },
            { "MTL1001", "let x = f(x: §)" },
            { "MTL1001", "let x = f(§, 2)" },
            { "MTL1001", "let x = (§)" },
            { "MTL1001", "let x = a[§]" },
            { "MTL1001", "let x = a..§" },
            { "MTL1001", "let x = not§" },
            { "MTL1001", "let x = §* 3" },
            { "MTL1009", "let x = §5." },
            { "MTL1001", "§5" },
            { "MTL1001", "§-> semseg" },
            { "MTL1002", "§tsk semseg: segmentation { classes: 19 }" },
            { "MTL1002", "§Encoder trunk: resnet34" },
            { "MTL1002", "§deocder d: a -> semseg" },
            { "MTL1002", "§head d: a -> semseg" },
            { "MTL1002", "§los: l1(a)" },
            { "MTL1002", "§frobnicate x: y { z: 3 }" },
            { "MTL1002", "§frobnicate" },
            { "MTL1003", "let x = a §$ 3" },
            { "MTL1003", "let x = 50 §%" },
            { "MTL1003", "§@@@@" },
            { "MTL1003", "let x = §\u00A03" },
            { "MTL1003", "let x = 3 §\U0001F600" },
            { "MTL1003", "let x = 3 §\uD83D" },
            { "MTL1003", "let x = 3 §\u0007\u0008" },
            { "MTL1004", "encoder e: resnet34 { weights: §\"file }" },
            { "MTL1004", "encoder e: resnet34 { weights: §\"file, dilate: [1, 2] }" },
            { "MTL1004", "let x = §\"" },
            { "MTL1005", "let x = §3px" },
            { "MTL1005", "let x = §2e" },
            { "MTL1005", "let x = §256x512x3" },
            { "MTL1005", "let x = §1.5f + 2" },
            { "MTL1006", "decoder d: a §=> semseg" },
            { "MTL1006", "decoder d: a §--> semseg" },
            { "MTL1006", "decoder d: a §\u2192 semseg" },
            { "MTL1006", "task a: depth§;" },
            { "MTL1006", "encoder e: resnet34 { weights: none§; dilate: 3 }" },
            { "MTL1006", "let x §:= 3" },
            { "MTL1006", "let x = if a §&& b then 1 else 2" },
            { "MTL1006", "let x = if §!a then 1 else 2" },
            { "MTL1006", "let x = 256§\u00D7512" },
            { "MTL1007", "§// the tasks" },
            { "MTL1007", "task a: depth §/* of\n several lines */" },
            { "MTL1008", "encoder e: resnet34 { weights: §'file' }" },
            { "MTL1008", "encoder e: resnet34 { weights: §\u201Cfile\u201D }" },
            { "MTL1009", "let x = §.5 * 3" },
            { "MTL1009", "let x = §1. * 3" },
            { "MTL1009", "let x = [§1., 2]" },
            { "MTL1009", "let x = f(a, §1.e-4)" },
            { "MTL1009", "let x = §3.E5" },
            { "MTL1010", "task semseg: segmentation §{ classes: 19" },
            { "MTL1010", "loss: cross_entropy§(semseg" },
            { "MTL1010", "aspp a: trunk -> 256 { rates: §[3, 6, 9 }" },
            { "MTL1010", "let x = §(1 + f(2)" },
            { "MTL1011", "loss: l1(a)§)" },
            { "MTL1011", "let x = [1, 2]§]" },
            { "MTL1012", "let x = [1, 2§)" },
            { "MTL1016", "let §for = 3" },
            { "MTL1016", "task §of: depth" },
            { "MTL1016", "let §true = 3" },
            { "MTL1016", "let §skip = 3" },
            { "MTL1017", "§component c(x) { return x }" },
            { "MTL1017", "§train { batch: 4 }" },
            { "MTL1017", "§return x" },
            { "MTL1018", "encoder e: resnet34 { weights: none§ dilate: 3 }" },
            { "MTL1019", "decoder d: §skip a/4 + b -> semseg" },
            { "MTL1019", "decoder d: a + skip a/4 + §b -> semseg" },
            { "MTL1020", "encoder e: resnet34 { weights §= none }" },
            { "MTL1020", "let x = conv(a, 3, kernel§=3)" },
            { "MTL1020", "let x§: 5" },
            { "MTL1020", "loss §= l1(a)" },
            { "MTL1020", "task semseg §= depth" },
            { "MTL1021", "§weight = 0.5" },
            { "MTL1022", "let x = §1e999" },
            { "MTL1022", "let x = §99999999999999999999" },
            { "MTL1023", "let x = §0x5" },
            { "MTL1023", "let x = §256x99999999999999999999" },
            { "MTL1024", "decoder d: a/§4.5 -> semseg" },
        };

    /// <summary>At the top of a file.</summary>
    public static TheoryData<string, string> Files =>
        new()
        {
            { "MTL1001", "import §recipe.mtl" },
            { "MTL1001", "import§" },
            { "MTL1001", "model §5 { task a: depth }" },
            { "MTL1001", "model §{ task a: depth }" },
            { "MTL1001", "train §batch: 4" },
            { "MTL1001", "train §[ batch: 4 ]" },
            { "MTL1001", "set a =§" },
            { "MTL1001", "set a =§\nset b = 3" },
            { "MTL1001", "set a§\nlet b = 3" },
            { "MTL1001", "set §5 = 3" },
            { "MTL1001", "set §[] = 3" },
            { "MTL1001", "sweep s { a §[1] }" },
            { "MTL1001", "sweep s { a: [1] with §}" },
            { "MTL1001", "sweep s { §[1] }" },
            { "MTL1001", "component §(x) { return x }" },
            { "MTL1001", "component c §{ return x }" },
            { "MTL1001", "component c(x, §5) { return x }" },
            { "MTL1001", "component c(x) §return x" },
            { "MTL1001", "component c(x) { return §}" },
            { "MTL1001", "component c(x) { return x §y }" },
            { "MTL1002", "§modle m { task a: depth }" },
            { "MTL1002", "§def c(x) { return x }" },
            { "MTL1002", "§imprt \"recipe.mtl\"" },
            { "MTL1002", "§banana" },
            { "MTL1002", "component c(x) {\n  §lte y = x\n  return y\n}" },
            { "MTL1002", "component c(x) {\n  let y = x\n  §y\n}" },
            { "MTL1004", "import §\"recipe.mtl" },
            { "MTL1008", "import §'recipe.mtl'" },
            { "MTL1010", "model m §{\n  task a: depth" },
            { "MTL1010", "model m §{\n  task a: depth\ncomponent c(x) { return x }" },
            { "MTL1010", "model m {\n  task a: depth §{ unit: log\n  loss: l1(a)\n}" },
            { "MTL1010", "component c§(x {\n  return x\n}" },
            { "MTL1010", "component c(x) {\n  let y = conv§(x, 3\n  return y\n}" },
            { "MTL1010", "train {\n  optimizer: adam §{ lr: 1e-4\n  batch: 4\n}" },
            { "MTL1010", "let x = §[1, 2\nlet y = 3" },
            { "MTL1010", "let x = [[[§[" },
            { "MTL1011", "model m {\n  task a: depth\n  §}\n  loss: l1(a)\n}" },
            { "MTL1011", "§}" },
            { "MTL1011", "component c(x) {\n  return x§)\n}" },
            { "MTL1013", "component c(x) {\n  let y = x\n§}" },
            { "MTL1013", "component c(x) { §}" },
            { "MTL1014", "component c(x) {\n  return x\n  §return y\n}" },
            { "MTL1015", "component c(x) {\n  return x\n  §let y = 3\n}" },
            { "MTL1017", "§task a: depth\nloss: l1(a)\nlet x = 3" },
            { "MTL1018", "train { batch: 4§ epochs: 3 }" },
            { "MTL1018", "sweep s { a: [1]§ b: [2] }" },
            { "MTL1020", "component c(x§: 3) { return x }" },
            { "MTL1020", "set train.batch§: 3" },
            { "MTL1020", "train {\n  batch §= 3\n}" },
            { "MTL1021", "§x = 3" },
            { "MTL1024", "set a.§1e5 = 3" },
        };

    [Theory]
    [MemberData(nameof(Statements))]
    public void A_wrong_statement_gets_one_message(string code, string statement) =>
        ExactlyOne(
            code,
            $$"""
            model before {
              task a: depth
              {{statement}}
              let behind = [1, 2]
              loss: l1(a)
            }

            component behind(x) {
              return x
            }

            """
        );

    [Theory]
    [MemberData(nameof(Files))]
    public void A_wrong_file_gets_one_message(string code, string file) => ExactlyOne(code, file + "\n");

    static void ExactlyOne(string code, string marked)
    {
        var offset = marked.IndexOf('§', StringComparison.Ordinal);
        Assert.True(offset >= 0, "the place is not marked");
        var diagnostics = new DiagnosticBag();
        var source = new SourceText("wrong.mtl", marked.Remove(offset, 1));
        SyntaxTree.Parse(source, diagnostics);
        var shown = DiagnosticText.Of(diagnostics, DiagnosticFormat.Human);
        var only = Assert.Single(diagnostics.ToSorted());
        Assert.True(only.Code == code && only.Span.Start == offset, $"expected {code} at {source.Position(offset)}:\n{shown}");
    }
}
