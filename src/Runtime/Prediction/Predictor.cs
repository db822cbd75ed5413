using Mtlc.Compiler;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Evaluation;

namespace Mtlc.Runtime.Prediction;

/// <summary>Applies a run to pictures of any size.</summary>
public static class Predictor
{
    /// <summary>
    /// Writes, for each picture NAME and each task: labels as a palette PNG (NAME_TASK.png) and over the picture (NAME_TASK_overlay.png);
    /// depth in millimetres of 16 bits (NAME_TASK_mm.png) and in colour (NAME_TASK.png); contours and normals in colour.
    /// </summary>
    /// <param name="images">Pictures, or folders of pictures.</param>
    /// <param name="progress">A picture that is done, how many are, and of how many.</param>
    /// <returns>The files written.</returns>
    public static IReadOnlyList<string> Run(
        CompiledProgram program, RunDirectory run, IReadOnlyList<string> images, string outDirectory, InferenceOptions? options = null,
        Action<string, int, int>? progress = null) =>
        throw new NotSupportedException($"{program.Model.Name} {run.Root} {images} {outDirectory} {options} {progress}");
}
