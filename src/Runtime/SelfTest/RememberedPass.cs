using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Machine;

namespace Mtlc.Runtime.SelfTest;

/// <summary>
/// That the self-test passed, remembered in a file named by all that it depends on: processor, libraries, this program, device,
/// threads, and the variables that libtorch and its libraries choose kernels by. What is remembered needed no cure. </summary>
/// <param name="folder">Where the files lie; one that cannot be written only costs time.</param>
sealed class RememberedPass(string folder)
{
    static readonly string[] Variables = ["MTLC_NATIVE", "MTLC_LIBTORCH"],
        Families = ["ONEDNN_", "DNNL_", "ATEN_", "MKL_", "TORCH_", "OMP_", "DOTNET_Enable", "CUDA_", "NVIDIA_TF32"];

    /// <param name="library">The file that libtorch was loaded from.</param>
    public static string Key(Processor processor, string library, string device, int threads)
    {
        var file = new FileInfo(library);
        var variables = Environment
            .GetEnvironmentVariables()
            .Cast<System.Collections.DictionaryEntry>()
            .Select(v => (Name: (string)v.Key, Value: (string?)v.Value))
            .Where(v => Variables.Contains(v.Name) || Families.Any(f => v.Name.StartsWith(f, StringComparison.Ordinal)))
            .OrderBy(v => v.Name, StringComparer.Ordinal)
            .Select(v => $"{v.Name}={v.Value}");
        var assembly = typeof(RememberedPass).Assembly;
        string[] parts =
        [
            processor.Identity,
            library,
            file.Exists ? FormattableString.Invariant($"{file.Length} {file.LastWriteTimeUtc.Ticks}") : "",
            assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
            assembly.ManifestModule.ModuleVersionId.ToString(),
            Environment.Version.ToString(),
            device,
            FormattableString.Invariant($"{threads}"),
            .. variables,
        ];
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))));
    }

    public bool Has(string key) => File.Exists(Of(key));

    public void Remember(string key)
    {
        try
        {
            AtomicFile.CreateFolder(folder);
            AtomicFile.WriteText(Of(key), "the self-test passed\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start tests again.
        }
    }

    string Of(string key) => Path.Combine(folder, key);
}
