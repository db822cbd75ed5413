using System.Globalization;
using CsCheck;

namespace Mtlc.Fuzz;

/// <summary>
/// Runs a target: gives it inputs that are the same on every run. MTLC_FUZZ_ITERATIONS makes a run longer and MTLC_FUZZ_SEED
/// another one. What a check throws is reported with the sample's number; where the process dies or hangs, the numbers of the
/// samples that it was at stand in the files mtlc-fuzz-TARGET-* of the folder for temporary files. MTLC_FUZZ_FIRST begins there.
/// </summary>
static class Fuzzing
{
    const int Workers = 2;

    static int Setting(string name, int standard) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : standard;

    /// <param name="standard">Samples of an ordinary run of the tests: some seconds' worth.</param>
    /// <param name="show">The input as a text to put into a test.</param>
    /// <exception cref="Exception">A check threw; the message has the input.</exception>
    public static void Run<T>(string target, Gen<T> inputs, int standard, Action<T> check, Func<T, string> show)
    {
        var seed = (ulong)Setting("MTLC_FUZZ_SEED", 20_261_123);
        var first = Setting("MTLC_FUZZ_FIRST", 0);
        var end = first + Setting("MTLC_FUZZ_ITERATIONS", standard);
        Parallel.For(
            0,
            Workers,
            new() { MaxDegreeOfParallelism = Workers },
            worker =>
            {
                var path = Path.Combine(Path.GetTempPath(), $"mtlc-fuzz-{target}-{worker}");
                using (var notes = File.OpenHandle(path, FileMode.Create, FileAccess.Write))
                {
                    for (var sample = first + worker; sample < end; sample += Workers)
                    {
                        RandomAccess.Write(
                            notes,
                            System.Text.Encoding.ASCII.GetBytes(sample.ToString("D10", CultureInfo.InvariantCulture)),
                            0
                        );
                        var input = inputs.Generate(new PCG((uint)sample, seed), null, out _);
                        try
                        {
                            check(input);
                        }
                        catch (Exception error)
                        {
                            throw new InvalidOperationException(
                                $"{target}, seed {seed}, sample {sample}: {error.Message}\n{show(input)}",
                                error
                            );
                        }
                    }
                }
                File.Delete(path);
            }
        );
    }
}
