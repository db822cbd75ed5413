using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Data.Synthetic;

namespace Mtlc.Tests.Data.Synthetic;

/// <summary>Depth, normals and camera tell one story: what is back-projected from depth lies where the normals say.</summary>
public sealed class GeometryTests
{
    static readonly SyntheticSource Source = new(24, new ImageSize(96, 192), seed: 11);

    static (double X, double Y, double Z) Point(RenderedScene s, int column, int row)
    {
        double z = s.Depth[row * s.Width + column];
        return ((column + 0.5 - s.Camera.CenterX) / s.Camera.FocalX * z, (row + 0.5 - s.Camera.CenterY) / s.Camera.FocalY * z, z);
    }

    [Fact]
    public void Normals_are_unit_vectors_that_face_the_camera()
    {
        for (int i = 0; i < 8; i++)
        {
            var s = Source.Render(Split.Train, i);
            for (int p = 0; p < s.Depth.Length; p++)
            {
                var (x, y, z) = (s.Normals[3 * p], s.Normals[3 * p + 1], s.Normals[3 * p + 2]);
                double length = Math.Sqrt((double)x * x + (double)y * y + (double)z * z);
                if (float.IsNaN(s.Depth[p]))
                {
                    Assert.Equal(0.0, length);
                    continue;
                }
                Assert.InRange(length, 0.999, 1.001);
                var at = Point(s, p % s.Width, p / s.Width);
                Assert.True(x * at.X + y * at.Y + z * at.Z <= 1e-3, "a normal looks away from the camera");
            }
        }
    }

    [Fact]
    public void The_road_is_one_plane_at_the_height_of_a_car_camera()
    {
        for (int i = 0; i < 12; i++)
        {
            var s = Source.Render(Split.Train, i);
            var heights = new List<double>();
            for (int p = 0; p < s.Depth.Length; p++)
            {
                if (s.Classes[p] != 0)
                    continue;
                var (x, y, z) = Point(s, p % s.Width, p / s.Width);
                // Distance of the road's plane from the camera: the normal is the plane's, the same everywhere.
                heights.Add(-(s.Normals[3 * p] * x + s.Normals[3 * p + 1] * y + s.Normals[3 * p + 2] * z));
                Assert.True(s.Normals[3 * p + 1] < -0.99);
            }
            Assert.NotEmpty(heights);
            Assert.InRange(heights[0], 1.3, 1.65);
            Assert.All(heights, h => Assert.InRange(h, heights[0] - 0.01, heights[0] + 0.01));
        }
    }

    [Fact]
    public void Ground_depth_at_a_pixel_is_what_the_formula_says()
    {
        for (int i = 0; i < 12; i++)
        {
            var s = Source.Render(Split.Validation, i % 8);
            int known = Array.IndexOf(s.Classes, (byte)0, s.Width * (s.Height * 3 / 4));
            var (nx, ny, nz) = (s.Normals[3 * known], s.Normals[3 * known + 1], s.Normals[3 * known + 2]);
            var at = Point(s, known % s.Width, known / s.Width);
            double height = -(nx * at.X + ny * at.Y + nz * at.Z);
            for (int p = 0; p < s.Depth.Length; p += 7)
            {
                if (s.Classes[p] != 0)
                    continue;
                // The ray (a, b, 1) z meets the plane n . q = -h at z = -h / (n . (a, b, 1)).
                double a = (p % s.Width + 0.5 - s.Camera.CenterX) / s.Camera.FocalX,
                    b = (p / s.Width + 0.5 - s.Camera.CenterY) / s.Camera.FocalY;
                double expected = -height / (nx * a + ny * b + nz);
                Assert.InRange(s.Depth[p] / expected, 0.99, 1.01);
            }
        }
    }

    [Fact]
    public void Normals_from_depth_agree_with_the_geometry_where_it_is_flat()
    {
        int tested = 0;
        for (int i = 0; i < 12; i++)
        {
            var s = Source.Render(Split.Train, i);
            for (int row = 0; row + 1 < s.Height; row++)
            for (int column = 0; column + 1 < s.Width; column++)
                tested += Compare(s, column, row) ? 1 : 0;
        }
        Assert.True(tested > 50_000);
    }

    /// <summary>Two neighbours that lie in the tangent plane of a pixel span it; others belong to another surface and say
    /// nothing.</summary>
    static bool Compare(RenderedScene s, int column, int row)
    {
        int p = row * s.Width + column,
            right = p + 1,
            below = p + s.Width;
        if (s.Classes[p] is not (0 or 2) || s.Classes[right] != s.Classes[p] || s.Classes[below] != s.Classes[p])
            return false;
        for (int c = 0; c < 3; c++)
            if (s.Normals[3 * right + c] != s.Normals[3 * p + c] || s.Normals[3 * below + c] != s.Normals[3 * p + c])
                return false;
        var (x, y, z) = Point(s, column, row);
        var (x1, y1, z1) = Point(s, column + 1, row);
        var (x2, y2, z2) = Point(s, column, row + 1);
        var (ax, ay, az, bx, by, bz) = (x1 - x, y1 - y, z1 - z, x2 - x, y2 - y, z2 - z);
        // Parallel walls one behind another share a normal but not a plane.
        double offset = s.Normals[3 * p] * ax + s.Normals[3 * p + 1] * ay + s.Normals[3 * p + 2] * az;
        double offset2 = s.Normals[3 * p] * bx + s.Normals[3 * p + 1] * by + s.Normals[3 * p + 2] * bz;
        if (Math.Abs(offset) > 0.05 || Math.Abs(offset2) > 0.05)
            return false;
        var (cx, cy, cz) = (by * az - bz * ay, bz * ax - bx * az, bx * ay - by * ax);
        double length = Math.Sqrt(cx * cx + cy * cy + cz * cz);
        double cosine = (cx * s.Normals[3 * p] + cy * s.Normals[3 * p + 1] + cz * s.Normals[3 * p + 2]) / length;
        Assert.True(cosine > 0.995, $"at row {row}, column {column}, class {s.Classes[p]}: cosine {cosine}");
        return true;
    }
}
